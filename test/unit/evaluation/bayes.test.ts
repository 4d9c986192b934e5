import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bayesAuc, bayesLogLoss, expectedClicks } from '../../../src/evaluation/bayes.js';

const fixture = JSON.parse(readFileSync(new URL('../../fixtures/synth_small.json', import.meta.url), 'utf8')) as {
  p: number[];
  rows: { dom: number[] };
  bayesAuc: { target: number; source: number };
};

/** All pairs, as the formula is written. */
function bruteForce(p: readonly number[]): number | null {
  let numerator = 0;
  let denominator = 0;
  for (const [i, a] of p.entries()) {
    for (const [j, b] of p.entries()) {
      if (i === j) continue;
      const weight = a * (1 - b);
      denominator += weight;
      numerator += weight * (a > b ? 1 : a === b ? 0.5 : 0);
    }
  }
  return denominator > 0 ? numerator / denominator : null;
}

describe('Bayes AUC', () => {
  test.each([
    ['target', 1, fixture.bayesAuc.target],
    ['source', 0, fixture.bayesAuc.source],
  ])('of the small synthetic stream, %s', (_, code, expected) => {
    const p = Float64Array.from(fixture.p.filter((_, i) => fixture.rows.dom[i] === code));
    expect(Math.abs(bayesAuc(p)! - expected)).toBeLessThan(1e-12);
  });

  test('is the sum over all pairs, ties and certainties included', () => {
    const probability = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 25 }), (p) => {
        const expected = bruteForce(p);
        const got = bayesAuc(Float64Array.from(p));
        if (expected === null) expect(got).toBeNull();
        else expect(got).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('is null without pairs and one half where all rows are alike', () => {
    expect(bayesAuc(new Float64Array(0))).toBeNull();
    expect(bayesAuc(Float64Array.of(0.3))).toBeNull();
    expect(bayesAuc(Float64Array.of(0, 0, 0))).toBeNull();
    expect(bayesAuc(Float64Array.of(0.2, 0.2, 0.2))).toBeCloseTo(0.5, 12);
  });
});

test('Bayes log loss is the mean entropy', () => {
  expect(bayesLogLoss(new Float64Array(0))).toBeNull();
  expect(bayesLogLoss(Float64Array.of(0.5, 0.5))).toBeCloseTo(Math.LN2, 14);
  expect(bayesLogLoss(Float64Array.of(0, 1, 0.5))).toBeCloseTo(Math.LN2 / 3, 14);
});

test('expected clicks carry the deviation of a sum of independent clicks', () => {
  const { mean, deviation } = expectedClicks(Float64Array.of(0.5, 0.5, 0.1));
  expect(mean).toBeCloseTo(1.1, 14);
  expect(deviation).toBeCloseTo(Math.sqrt(0.59), 14);
});
