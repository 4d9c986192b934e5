import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { aucInterval } from '../../../src/evaluation/auc-interval.js';
import { ExactAuc } from '../../../src/evaluation/index.js';
import { aucStandardError } from '../../../src/evaluation/placements.js';

function standardErrorOf(metric: ExactAuc): number | null {
  const { positives, negatives } = metric.groups();
  return aucStandardError(positives, negatives);
}

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
      const { low, high } = aucInterval({
        auc: metric.auc,
        aucSe: standardErrorOf(metric),
        rows: 1000,
        positives: metric.positives,
      })!;
      if (low <= truth && truth <= high) covered++;
    }
    // 95 +- 1.5 %, and three standard errors of 400 streams
    expect(Math.abs(covered / streams - 0.95)).toBeLessThan(0.015 + 3 * Math.sqrt((0.95 * 0.05) / streams));
  });

  const of = (auc: number | null, aucSe: number | null, positives = 500) =>
    aucInterval({ auc, aucSe, positives, rows: 5000 });

  it('stays inside (0, 1), holds its estimate, and is null where the sample does not tell', () => {
    const { low, high } = of(0.98, 0.05)!;
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(0.98);
    expect(high).toBeGreaterThan(0.98);
    expect(high).toBeLessThan(1);
    expect(of(0.5, 0.1)!.low).toBeCloseTo(1 - of(0.5, 0.1)!.high, 12);
    for (const [auc, error] of [
      [null, null],
      [0.7, null],
      [1, 0],
      [0, 0],
    ] as const) {
      expect(of(auc, error)).toBeNull();
    }
  });

  it("has Student's quantile for few positives: 2.2281 at 10 degrees, 2.0423 at 30", () => {
    const quantile = (positives: number): number => -Math.log(1 / of(0.5, 0.001, positives)!.high - 1) / 0.004;
    expect(quantile(11)).toBeCloseTo(2.2281, 2);
    expect(quantile(31)).toBeCloseTo(2.0423, 3);
    expect(quantile(2500)).toBeCloseTo(1.961, 3);
  });
});
