import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  delayedFeedbackLoss,
  elapsedTimeWeights,
  fakeNegativeCalibrated,
  fakeNegativeWeights,
  realNegativeWeights,
  undoDownsampling,
} from '../../../src/join/delayed-labels.js';

/** p in (0, 1) and the part of it that clicks late. */
const probabilities = fc
  .tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([p, share]) => ({ p, delayed: p * share }));

/** Weight times what the stream holds must be in the ratio of the true labels. */
function undoes(positives: number, negatives: number, weights: { positive: number; negative: number }, p: number) {
  const positive = positives * weights.positive;
  const negative = negatives * weights.negative;
  expect(positive / (positive + negative)).toBeCloseTo(p, 10);
}

describe('delayed-label weights undo the bias of their stream', () => {
  it('fake negatives: every impression once as negative, clicks once more as positive', () => {
    fc.assert(fc.property(probabilities, ({ p }) => undoes(p, 1, fakeNegativeWeights(p), p)));
  });

  it('fake negatives, calibrated afterwards', () => {
    fc.assert(
      fc.property(probabilities, ({ p }) => {
        expect(fakeNegativeCalibrated(p / (1 + p))).toBeCloseTo(p, 10);
      }),
    );
  });

  it('ES-DFM: the label after a wait, and late clicks once more', () => {
    fc.assert(
      fc.property(probabilities, ({ p, delayed }) => {
        // of those not clicked after the wait, the share that never will
        const realNegative = (1 - p) / (1 - p + delayed);
        undoes(p, 1 - p + delayed, elapsedTimeWeights(delayed, realNegative), p);
      }),
    );
  });

  it('DEFER: every impression exactly twice', () => {
    fc.assert(
      fc.property(probabilities, ({ p, delayed }) =>
        undoes(p - delayed + p, 1 - p + delayed + (1 - p), realNegativeWeights(p, delayed), p),
      ),
    );
  });

  it('down-sampled negatives', () => {
    fc.assert(
      fc.property(probabilities, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ p }, keep) => {
        expect(undoDownsampling(p / (p + (1 - p) * keep), keep)).toBeCloseTo(p, 10);
      }),
    );
  });
});

describe('delayed feedback loss', () => {
  it('is the likelihood of an exponential delay: densities and the rest add up to 1', () => {
    const [logit, rate, end, step] = [0.3, -0.4, 12, 0.001];
    let clicked = 0;
    for (let t = step / 2; t < end; t += step) clicked += step * Math.exp(-delayedFeedbackLoss(logit, true, t, rate));
    expect(clicked + Math.exp(-delayedFeedbackLoss(logit, false, end, rate))).toBeCloseTo(1, 6);
  });

  it('stays finite for extreme logits', () => {
    for (const logit of [-500, 500]) expect(delayedFeedbackLoss(logit, false, 1, 0)).toBeLessThan(501);
  });
});
