import { describe, expect, it } from 'vitest';
import { NAMESPACE, namespaceOf } from '../../../src/core/index.js';
import { CollisionSample } from '../../../src/features/collision-sample.js';
import { FeatureHasher } from '../../../src/features/feature-hasher.js';
import { featureIdOfHash } from '../../../src/features/feature-id.js';

describe('feature ids', () => {
  it('are the documented formula: values computed by the reference implementation in Python', async () => {
    const hasher = await FeatureHasher.create();
    // xxhash.xxh64_intdigest('user=42') and of 'genre=Comédie' (UTF-8)
    expect(hasher.id(NAMESPACE.user, 'user', '42')).toBe(608543789445237);
    expect(hasher.id(NAMESPACE.shared, 'genre', 'Comédie')).toBe(3561750443699327);
  });

  it('are positive safe integers that carry their namespace', async () => {
    const hasher = await FeatureHasher.create();
    for (const namespace of Object.values(NAMESPACE)) {
      for (let i = 0; i < 200; i++) {
        const id = hasher.id(namespace, 'f', String(i));
        expect(Number.isSafeInteger(id) && id > 0).toBe(true);
        expect(namespaceOf(id)).toBe(namespace);
      }
    }
    expect(featureIdOfHash(2, 1n << 50n)).toBe(2 * 2 ** 50 + 1);
  });

  it('do not depend on what the cache holds', async () => {
    const fresh = await FeatureHasher.create();
    const used = await FeatureHasher.create();
    const first = used.id(1, 'item', 'a');
    for (let i = 0; i < 140_000; i++) used.id(1, 'item', String(i)); // two generations: `a` is forgotten
    expect(used.id(1, 'item', 'a')).toBe(first);
    for (let i = 139_000; i < 140_000; i++) expect(used.id(1, 'item', String(i))).toBe(fresh.id(1, 'item', String(i)));
    expect(used.id(2, 'item', 'a')).not.toBe(first);
  });
});

describe('CollisionSample', () => {
  it('finds a pair once, however often it is met', () => {
    const sample = new CollisionSample(10);
    for (let i = 0; i < 3; i++) {
      sample.add(8, 'a', '1');
      sample.add(8, 'b', '2');
      sample.add(16, 'a', '3');
    }
    expect(sample.report()).toEqual({ sampled: 3, fraction: 1, collisions: 1, examples: ['b=2 ~ a=1'] });
  });

  it('stays within its bound and scales to all features: 20 000 ids, each met under two names', () => {
    const sample = new CollisionSample(1000);
    for (let id = 1; id <= 20_000; id++) {
      sample.add(id, 'x', String(id));
      sample.add(id, 'y', String(id));
    }
    const { sampled, fraction, collisions } = sample.report();
    expect(sampled).toBeLessThanOrEqual(1000);
    expect(collisions).toBe(sampled / 2);
    expect(sampled / fraction).toBeGreaterThan(39_000);
    expect(sampled / fraction).toBeLessThan(41_000);
  });
});
