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
        const metric = new Gauc({ minUsers: 10, rowsPerUser: 80, seed: 1 });
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
        if (weight === 0) expect(metric.value()).toBeNull();
        else expect(metric.value()).toBeCloseTo(sum / weight, 12);
      }),
    );
  });

  it('estimates the whole from a bounded sample of users and of their rows, blind to differences between users', () => {
    const random = new SeededRandom(8);
    const whole = new Gauc({ minUsers: 3000, rowsPerUser: 1000, seed: 1 });
    const sample = new Gauc({ minUsers: 300, rowsPerUser: 15, seed: 1 });
    for (let i = 0; i < 90_000; i++) {
      const user = random.below(3000);
      const bias = user % 7;
      const label = random.next() < 0.1 + 0.1 * bias ? 1 : 0;
      const logit = bias + label + 1.4 * random.normal();
      for (const metric of [whole, sample]) metric.add(`u${user}`, logit, label);
    }
    // Phi(1 / (1.4 sqrt 2)) = .693 within a user
    expect(whole.value()!).toBeGreaterThan(0.683);
    expect(whole.value()!).toBeLessThan(0.703);
    expect(Math.abs(sample.value()! - whole.value()!)).toBeLessThan(0.03);
    const { users } = sample.snapshot() as { users: readonly (readonly [string, number, Float32Array])[] };
    expect(users.length).toBeGreaterThanOrEqual(300);
    expect(users.length).toBeLessThanOrEqual(600);
    expect(Math.max(...users.map(([, , logits]) => logits.length))).toBe(15);
    // followed from the first row on: 30 rows on average
    expect(users.reduce((sum, [, seen]) => sum + seen, 0) / users.length).toBeGreaterThan(28);
  });

  it('goes on to the bit from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(userRow), fc.array(userRow, { minLength: 1 }), (before, after) => {
        const options = { minUsers: 2, rowsPerUser: 3, seed: 4 };
        const going = new Gauc(options);
        for (const [user, { logit, label }] of before) going.add(user, logit, label);
        const restored = new Gauc(options);
        restored.add('other', 1, 1);
        restored.restore(going.snapshot());
        for (const metric of [going, restored]) {
          for (const [user, { logit, label }] of after) metric.add(user, logit, label);
        }
        expect(restored.snapshot()).toEqual(going.snapshot());
        expect(restored.value()).toBe(going.value());
      }),
    );
  });
});
