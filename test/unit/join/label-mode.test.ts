import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeNegativeCalibrated, undoDownsampling } from '../../../src/join/delayed-labels.js';
import { isKeptNegative, servedLogit } from '../../../src/join/index.js';

const logitOf = (p: number): number => Math.log(p / (1 - p));
const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('servedLogit', () => {
  it('is the logit itself where nothing has to be made good', () => {
    for (const mode of ['wait', 'fakeNegativeWeighted', 'esDfm', 'defer'] as const) {
      expect(servedLogit(-1.25, { mode, negativeRate: 1 })).toBe(-1.25);
    }
  });

  it('undoes down-sampling and fake negatives, alone and together', () => {
    fc.assert(
      fc.property(probability, fc.double({ min: 0.01, max: 1, noNaN: true }), (p, rate) => {
        const sampled = logitOf(p / (p + (1 - p) * rate));
        expect(servedLogit(sampled, { mode: 'wait', negativeRate: rate })).toBeCloseTo(logitOf(p), 9);
        expect(logitOf(undoDownsampling(1 / (1 + Math.exp(-sampled)), rate))).toBeCloseTo(logitOf(p), 6);
        const fake = logitOf(p / (1 + p));
        expect(logitOf(fakeNegativeCalibrated(p / (1 + p)))).toBeCloseTo(logitOf(p), 6);
        expect(servedLogit(fake, { mode: 'fakeNegativeCalibrated', negativeRate: 1 })).toBeCloseTo(logitOf(p), 6);
        const both = logitOf(p / (p + rate));
        expect(servedLogit(both, { mode: 'fakeNegativeCalibrated', negativeRate: rate })).toBeCloseTo(logitOf(p), 6);
      }),
    );
  });

  it('stays finite and in order where the model of fake negatives says more than half', () => {
    const served = [-2, -1e-7, 0, 3].map((logit) =>
      servedLogit(logit, { mode: 'fakeNegativeCalibrated', negativeRate: 1 }),
    );
    expect(served.every(Number.isFinite)).toBe(true);
    expect(served).toEqual([...served].sort((a, b) => a - b));
  });
});

describe('isKeptNegative', () => {
  it('keeps the share asked for, the same ids each time, and those of a smaller share', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `imp-${n}`);
    for (const rate of [0.05, 0.3, 0.8]) {
      const kept = ids.filter((id) => isKeptNegative(id, rate));
      expect(kept.length / ids.length).toBeCloseTo(rate, 1.5);
      expect(kept.every((id) => isKeptNegative(id, Math.min(1, rate * 1.1)))).toBe(true);
    }
    expect(ids.every((id) => isKeptNegative(id, 1))).toBe(true);
  });
});
