import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { aucDifference } from '../../../src/evaluation/index.js';
import { auc, delong, type Pair } from './oracle.js';

const row = fc.record({
  first: fc.integer({ min: -5, max: 5 }),
  second: fc.integer({ min: -5, max: 5 }),
  label: fc.constantFrom(0 as const, 1 as const),
});

describe('aucDifference', () => {
  it('has the difference of both AUCs and the error of DeLong, Var a + Var b - 2 Cov, pair by pair', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
        const labels = rows.map((r) => r.label);
        const result = aucDifference(
          rows.map((r) => r.first),
          rows.map((r) => r.second),
          labels,
        );
        const a: Pair[] = rows.map((r) => ({ logit: r.first, label: r.label }));
        const b: Pair[] = rows.map((r) => ({ logit: r.second, label: r.label }));
        const positives = labels.filter((y) => y === 1).length;
        if (positives < 2 || labels.length - positives < 2) {
          expect(result).toBeNull();
          return;
        }
        expect(result!.difference).toBeCloseTo(auc(a)! - auc(b)!, 12);
        const variance = delong(a)! ** 2 + delong(b)! ** 2 - 2 * covariance(a, b);
        expect(result!.standardError ** 2).toBeCloseTo(variance, 10);
      }),
    );
  });

  it('sees a small gain on the same rows that separate intervals would hide', () => {
    const random = new SeededRandom(2);
    const labels = Array.from({ length: 3000 }, () => (random.next() < 0.2 ? 1 : 0));
    const base = labels.map((y) => y + 1.5 * random.normal());
    const better = base.map((score, i) => score + 0.15 * labels[i]!);
    const result = aucDifference(better, base, labels)!;
    expect(result.low).toBeGreaterThan(0);
    const separate = delong(base.map((logit, i) => ({ logit, label: labels[i]! as 0 | 1 })))!;
    expect(result.standardError).toBeLessThan(separate / 3);
    expect(aucDifference(base, base, labels)).toMatchObject({ difference: 0, standardError: 0, low: 0, high: 0 });
  });
});

function covariance(a: readonly Pair[], b: readonly Pair[]): number {
  const positive = a.flatMap((r, i) => (r.label === 1 ? [i] : []));
  const negative = a.flatMap((r, i) => (r.label === 0 ? [i] : []));
  const wins = (rows: readonly Pair[], p: number, n: number): number =>
    (Math.sign(rows[p]!.logit - rows[n]!.logit) + 1) / 2;
  const ofPositive = (rows: readonly Pair[]) =>
    positive.map((p) => negative.reduce((s, n) => s + wins(rows, p, n), 0) / negative.length);
  const ofNegative = (rows: readonly Pair[]) =>
    negative.map((n) => positive.reduce((s, p) => s + wins(rows, p, n), 0) / positive.length);
  const sample = (x: readonly number[], y: readonly number[]): number => {
    const mx = x.reduce((s, v) => s + v, 0) / x.length;
    const my = y.reduce((s, v) => s + v, 0) / y.length;
    return x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0) / (x.length - 1);
  };
  return (
    sample(ofPositive(a), ofPositive(b)) / positive.length + sample(ofNegative(a), ofNegative(b)) / negative.length
  );
}
