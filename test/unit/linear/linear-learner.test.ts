import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LinearLearnerOptions, linearLearner } from '../../../src/linear/create-linear-learner.js';
import { FtrlProximal } from '../../../src/linear/ftrl-proximal.js';
import { invariantUpdate } from '../../../src/linear/invariant-update.js';
import { LinearFeatures } from '../../../src/linear/linear-features.js';

const ADAPTIVE = { kind: 'adaptive', bits: 12, learningRate: 0.5, priorSquares: 0 } as const;
const FTRL = { kind: 'ftrl', bits: 12, alpha: 0.1, beta: 1, l1: 0.3, l2: 0.1 } as const;

type Row = readonly [indices: readonly number[], values: readonly number[], label: number, weight: number];

function featuresOf([indices, values]: Row): LinearFeatures {
  const features = new LinearFeatures();
  indices.forEach((index, i) => {
    features.push(index, values[i]!);
  });
  return features;
}

/** Rows, and the logits of vowpal wabbit 9.11.9 before each (`--loss_function logistic --noconstant -l 0.5`). */
const ROWS: readonly Row[] = [
  [[3, 8], [2.5, 1], 0, 2],
  [[4, 2, 6], [-0.21, 1, 1], 0, 0.5],
  [[1, 6, 8, 2], [1, 1, 0.5, -0.22], 0, 2],
  [[8, 2, 3, 1], [-4.18, -2.55, 0.5, -0.71], 1, 0.5],
  [[4, 3, 6, 1], [1, 0.5, 1, 1], 1, 0.5],
  [[5, 1, 7], [-0.2, 1, 1], 1, 2],
  [[2, 1, 5, 6], [3.14, 0.5, 0.5, 1], 1, 1],
  [[1], [5.84], 1, 1],
  [[1, 7], [0.5, 6.42], 1, 0.5],
  [[2, 5, 7, 3], [1, 6.55, 0.5, 1], 0, 0.5],
  [[1, 4, 5], [1, 0.5, 0.5], 1, 1],
  [[1, 5, 8, 6], [0.5, 0.5, 0.5, 1], 1, 1],
  [[5, 7, 4], [1, 1, 1], 0, 1],
  [[6, 2], [1, 0.5], 0, 1],
  [[3, 1, 8, 2], [7.7, 1, 1, 1], 0, 1],
  [[6], [1.88], 1, 1],
  [[6, 8, 4, 3], [-1.77, -10.22, 1, -0.5], 0, 1],
  [[8], [0.5], 0, 1],
  [[5], [1], 1, 0.5],
  [[7, 5], [-11.27, 1], 0, 1],
  [[7], [1], 0, 1],
  [[1, 3, 2, 6], [1, 0.5, 1, 1], 1, 0.5],
  [[1, 7, 3, 2], [-6.48, 0.5, 1, 1], 1, 1],
  [[8], [1], 0, 2],
];
const VOWPAL_WABBIT = [
  0.0, 0.0, -0.354756, 2.609906, -0.010191, -0.269158, -1.461716, 0.5534, 2.246052, -1.159391, 0.241346, -0.263633,
  0.620371, -0.041188, -1.218063, -0.352303, 1.680816, -0.011172, -0.045803, -0.450514, 0.050523, 0.190809, -0.530643,
  -0.023392,
];

describe('NormalizedAdaptive', () => {
  it('gives the logits of vowpal wabbit, new scales and weights included', () => {
    const learner = linearLearner(ADAPTIVE);
    ROWS.forEach((row, k) => {
      // vowpal wabbit takes fast approximations of 1 / sqrt and of Lambert's W
      expect(Math.abs(learner.predict(featuresOf(row)) - VOWPAL_WABBIT[k]!)).toBeLessThan(2e-3);
      learner.learn(featuresOf(row), row[2], row[3]);
    });
  });

  it('with prior squares, one event moves a new feature less', () => {
    const row: Row = [[1], [1], 1, 1];
    const logits = [0, 1].map((priorSquares) => {
      const learner = linearLearner({ ...ADAPTIVE, priorSquares });
      learner.learn(featuresOf(row), 1, 1);
      return learner.predict(featuresOf(row));
    });
    expect(logits[1]).toBeGreaterThan(0);
    expect(logits[1]).toBeLessThan(0.6 * logits[0]!);
  });

  it('takes a value of 0 as absent', () => {
    const with0 = linearLearner(ADAPTIVE);
    const without = linearLearner(ADAPTIVE);
    ROWS.forEach(([indices, values, label, weight]) => {
      with0.learn(featuresOf([[40, ...indices, 41], [0, ...values, 0], label, weight]), label, weight);
      without.learn(featuresOf([indices, values, label, weight]), label, weight);
    });
    expect(with0.snapshot()).toEqual(without.snapshot());
  });

  it('stays finite with huge and tiny values and certain rows', () => {
    const learner = linearLearner(ADAPTIVE);
    const rows: Row[] = [
      [[1, 2], [1e15, 1e-30], 1, 1],
      [[1, 2], [1e-15, 1e20], 0, 1],
      [[3], [0], 1, 1],
      [[], [], 1, 1],
    ];
    for (let pass = 0; pass < 50; pass++) for (const row of rows) learner.learn(featuresOf(row), row[2], row[3]);
    for (const row of rows) expect(learner.predict(featuresOf(row))).toSatisfy(Number.isFinite);
    for (let n = 0; n < 5000; n++) learner.learn(featuresOf([[7], [1], 1, 100]), 1, 100);
    learner.learn(featuresOf([[7, 8], [1, 1], 1, 1]), 1, 1);
    expect(learner.predict(featuresOf([[7, 8], [1, 1], 1, 1]))).toSatisfy(Number.isFinite);
  });
});

describe('invariantUpdate', () => {
  it('is the limit of small gradient steps', () => {
    for (const [logit, label, rate, sensitivity] of [
      [0.3, 1, 2, 0.5],
      [-4, 1, 30, 1],
      [5, -1, 0.7, 3],
      [0, 1, 1e-3, 1],
    ] as const) {
      let p = logit;
      const steps = 400_000;
      for (let i = 0; i < steps; i++) p += (label * (rate / steps) * sensitivity) / (1 + Math.exp(label * p));
      expect(logit + sensitivity * invariantUpdate(logit, label, rate, sensitivity)).toBeCloseTo(p, 4);
    }
  });

  it('is continuous where the closed form ends', () => {
    const below = invariantUpdate(0.7, -1, 0.99e-6, 1) / 0.99;
    const above = invariantUpdate(0.7, -1, 1.01e-6, 1) / 1.01;
    expect(Math.abs(below / above - 1)).toBeLessThan(1e-5);
  });
});

describe('FtrlProximal', () => {
  it('follows optimisers.json, duplicates summed first', () => {
    const { steps, ftrl } = JSON.parse(
      readFileSync(new URL('../../fixtures/optimisers.json', import.meta.url), 'utf8'),
    ) as { steps: { ids: number[]; grads: { data: number[] } }[]; ftrl: { data: number[] }[] };
    const learner = new FtrlProximal(FTRL);
    steps.forEach(({ ids, grads }, k) => {
      const sums = new Map<number, number>();
      ids.forEach((id, i) => {
        sums.set(id, (sums.get(id) ?? 0) + grads.data[2 * i]!);
      });
      for (const [id, gradient] of sums) learner.descend(id, gradient);
      for (let id = 0; id < 5; id++) expect(learner.weight(id)).toBeCloseTo(ftrl[k]!.data[id]!, 6);
    });
  });
});

describe.each([ADAPTIVE, FTRL] as LinearLearnerOptions[])('$kind learner', (options) => {
  it('learns a separable stream', () => {
    const learner = linearLearner(options);
    for (let n = 0; n < 400; n++) learner.learn(featuresOf([[1, 2 + (n & 1)], [1, 1], n & 1, 1]), n & 1, 1);
    expect(learner.predict(featuresOf([[1, 3], [1, 1], 1, 1]))).toBeGreaterThan(1);
    expect(learner.predict(featuresOf([[1, 2], [1, 1], 0, 1]))).toBeLessThan(-1);
  });

  it('ignores rows of weight 0, and predicting changes nothing', () => {
    const learner = linearLearner(options);
    for (const row of ROWS) learner.learn(featuresOf(row), row[2], row[3]);
    const before = learner.snapshot();
    for (const row of ROWS) {
      expect(learner.learn(featuresOf(row), row[2], 0)).toBe(learner.predict(featuresOf(row)));
    }
    expect(learner.snapshot()).toEqual(before);
  });

  it('goes on to the bit after a restore, at every row', () => {
    const whole = linearLearner(options);
    let stopped = linearLearner(options);
    for (const row of [...ROWS, ...ROWS]) {
      expect(stopped.predict(featuresOf(row))).toBe(whole.predict(featuresOf(row)));
      const logit = whole.predict(featuresOf(row));
      expect(whole.learn(featuresOf(row), row[2], row[3])).toBe(logit);
      stopped.learn(featuresOf(row), row[2], row[3]);
      const state = stopped.snapshot();
      stopped.learn(featuresOf([[9], [1], 1, 1]), 1, 1); // the snapshot is a copy
      stopped = linearLearner(options);
      stopped.restore(state);
    }
    expect(stopped.snapshot()).toEqual(whole.snapshot());
  });

  it('refuses the table of another size', () => {
    const other = linearLearner({ ...options, bits: 13 });
    expect(() => linearLearner(options).restore(other.snapshot())).toThrow(/other settings/);
  });
});
