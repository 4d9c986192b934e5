import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { Gauc } from '../../../src/evaluation/index.js';
import { auc, tiedPair } from './oracle.js';

const userRow = fc.tuple(
  fc.integer({ min: 0, max: 5 }).map((n) => `user${n}`),
  tiedPair,
);

describe('Gauc', () => {
  it('is the mean of the AUCs within users, weighted by impressions', () => {
    fc.assert(
      fc.property(fc.array(userRow, { maxLength: 80 }), (rows) => {
        const metric = new Gauc({ minUsers: 10, rowsPerUser: 80 });
        for (const [user, { logit, label }] of rows) metric.add(user, logit, label);
        let weight = 0;
        let sum = 0;
        for (const user of new Set(rows.map(([u]) => u))) {
          const own = rows.filter(([u]) => u === user).map(([, pair]) => pair);
          const within = auc(own);
          if (within === null) continue;
          weight += own.length;
          sum += own.length * within;
        }
        if (weight === 0) expect(metric.summary().gauc).toBeNull();
        else expect(metric.summary().gauc).toBeCloseTo(sum / weight, 12);
      }),
    );
  });

  it('estimates the whole from a bounded sample of users and of their rows, blind to differences between users', () => {
    const random = new SeededRandom(8);
    const whole = new Gauc({ minUsers: 3000, rowsPerUser: 1000 });
    const sample = new Gauc({ minUsers: 300, rowsPerUser: 15 });
    for (let i = 0; i < 90_000; i++) {
      const user = random.below(3000);
      const bias = user % 7;
      const label = random.next() < 0.1 + 0.1 * bias ? 1 : 0;
      const logit = bias + label + 1.4 * random.normal();
      for (const metric of [whole, sample]) metric.add(`u${user}`, logit, label);
    }
    // Phi(1 / (1.4 sqrt 2)) = .693 within a user
    expect(whole.summary().gauc!).toBeGreaterThan(0.683);
    expect(whole.summary().gauc!).toBeLessThan(0.703);
    expect(Math.abs(sample.summary().gauc! - whole.summary().gauc!)).toBeLessThan(0.03);
    const { seen, kept } = sample.snapshot() as unknown as { seen: Float64Array; kept: Uint32Array };
    expect(kept.length).toBeGreaterThanOrEqual(300);
    expect(kept.length).toBeLessThanOrEqual(600);
    expect(Math.max(...kept)).toBe(15);
    // followed from the first row on: 30 rows on average
    expect(seen.reduce((sum, rows) => sum + rows, 0) / seen.length).toBeGreaterThan(28);
  });

  it('goes on to the bit from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(userRow), fc.array(userRow, { minLength: 1 }), (before, after) => {
        const options = { minUsers: 2, rowsPerUser: 3 };
        const going = new Gauc(options);
        for (const [user, { logit, label }] of before) going.add(user, logit, label);
        const restored = new Gauc(options);
        restored.add('other', 1, 1);
        restored.restore(going.snapshot());
        for (const metric of [going, restored]) {
          for (const [user, { logit, label }] of after) metric.add(user, logit, label);
        }
        expect(restored.snapshot()).toEqual(going.snapshot());
        expect(restored.summary().gauc).toBe(going.summary().gauc);
      }),
    );
  });

  it('restates a late label, and merges two partitions, as if all rows had come to one with their labels', () => {
    fc.assert(
      fc.property(fc.array(userRow, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (rows, cutAt, pick) => {
        const options = { minUsers: 10, rowsPerUser: 80 };
        const [left, right, whole] = [new Gauc(options), new Gauc(options), new Gauc(options)];
        const cut = cutAt % (rows.length + 1);
        const late = pick % rows.length;
        rows.forEach(([user, { logit, label }], i) => {
          (i < cut ? left : right).add(user, logit, label);
          whole.add(user, logit, i === late ? ((1 - label) as 0 | 1) : label);
        });
        const [user, { logit, label }] = rows[late]!;
        (late < cut ? left : right).restate(user, logit, label);
        left.merge(right);
        const [merged, expected] = [left.summary(), whole.summary()];
        if (expected.gauc === null) expect(merged.gauc).toBeNull();
        else expect(merged.gauc).toBeCloseTo(expected.gauc, 12);
        expect(merged.gaucUsers).toBe(expected.gaucUsers);
      }),
    );
  });

  it('merges bounded samples of partitions that share users into a bounded sample of both', () => {
    const random = new SeededRandom(9);
    const options = { minUsers: 100, rowsPerUser: 10 };
    const [left, right] = [new Gauc(options), new Gauc(options)];
    for (let i = 0; i < 60_000; i++) {
      const label = random.next() < 0.3 ? 1 : 0;
      const isLeft = random.next() < 0.2;
      (isLeft ? left : right).add(`u${random.below(1000)}`, 1.4 * random.normal() + label, label);
    }
    left.merge(right);
    const { seen, kept } = left.snapshot() as unknown as { seen: Float64Array; kept: Uint32Array };
    expect(kept.length).toBeGreaterThanOrEqual(100);
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(Math.max(...kept)).toBe(10);
    expect(seen.reduce((sum, rows) => sum + rows, 0) / seen.length).toBeGreaterThan(55);
    const { gauc, gaucSe } = left.summary();
    expect(Math.abs(gauc! - 0.69324)).toBeLessThan(4 * gaucSe!);
  });
});
