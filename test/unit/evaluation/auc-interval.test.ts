import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { aucInterval } from '../../../src/evaluation/auc-interval.js';
import { ExactAuc } from '../../../src/evaluation/index.js';

describe('aucInterval', () => {
  it('covers the truth in about 95 % of streams (bench/evaluation.ts has 2 000 a setting)', () => {
    const random = new SeededRandom(21);
    const streams = 400;
    const truth = 0.7602; // Phi(1 / sqrt 2)
    let covered = 0;
    for (let s = 0; s < streams; s++) {
      const metric = new ExactAuc();
      for (let i = 0; i < 1000; i++) {
        const label = random.next() < 0.1 ? 1 : 0;
        metric.add(label + random.normal(), label);
      }
      const { low, high } = aucInterval(metric.auc, metric.standardError())!;
      if (low <= truth && truth <= high) covered++;
    }
    // 95 +- 1.5 %, and three standard errors of 400 streams
    expect(Math.abs(covered / streams - 0.95)).toBeLessThan(0.015 + 3 * Math.sqrt((0.95 * 0.05) / streams));
  });

  it('stays inside (0, 1), holds its estimate, and is null where the sample does not tell', () => {
    const { low, high } = aucInterval(0.98, 0.05)!;
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(0.98);
    expect(high).toBeGreaterThan(0.98);
    expect(high).toBeLessThan(1);
    expect(aucInterval(0.5, 0.1)!.low).toBeCloseTo(1 - aucInterval(0.5, 0.1)!.high, 12);
    for (const [auc, error] of [
      [null, null],
      [0.7, null],
      [1, 0],
      [0, 0],
    ] as const) {
      expect(aucInterval(auc, error)).toBeNull();
    }
  });
});
