/**
 * How the delayed-label modes weigh and correct (algorithm D.7, D.12). p is the probability of a click within the
 * attribution window. Weights are constants to the gradient.
 */
export interface LabelWeights {
  readonly positive: number;
  readonly negative: number;
}

/**
 * Fake negative weighted (Ktena et al. 2019): every impression enters as a negative at once and again as a positive at
 * its click.
 */
export function fakeNegativeWeights(p: number): LabelWeights {
  return { positive: 1 + p, negative: (1 + p) * (1 - p) };
}

/** Fake negative calibration: the probability behind `biased`, which was learned without weights from the same stream. */
export function fakeNegativeCalibrated(biased: number): number {
  return biased / (1 - biased);
}

/**
 * ES-DFM (Yang et al. 2021): an impression enters after an elapsed time with the label it has by then, and again as a
 * positive at a later click. `delayed`: P(click later | x); `realNegative`: P(never a click | x, none yet).
 */
export function elapsedTimeWeights(delayed: number, realNegative: number): LabelWeights {
  return { positive: 1 + delayed, negative: (1 + delayed) * realNegative };
}

/**
 * DEFER (Gu et al. 2021): every impression enters exactly twice, after a first wait with the label it has by then and
 * once more with its final label. `delayed`: P(click after the first wait | x).
 */
export function realNegativeWeights(p: number, delayed: number): LabelWeights {
  return { positive: p / (p - delayed / 2), negative: (1 - p) / (1 - p + delayed / 2) };
}

/**
 * Delayed feedback model (Chapelle 2014), exponential delay of rate softplus(rateLogit) per unit of `elapsed`: the time
 * from impression to click where `clicked`, else from impression to now. Loss in nats.
 */
export function delayedFeedbackLoss(logit: number, clicked: boolean, elapsed: number, rateLogit: number): number {
  const rate = softplus(rateLogit);
  // -ln p = softplus(-logit)
  if (clicked) return softplus(-logit) - Math.log(rate) + rate * elapsed;
  const p = 1 / (1 + Math.exp(-logit));
  return -Math.log1p(p * Math.expm1(-rate * elapsed));
}

/** Probability on all impressions behind `p`, which was learned with a share `keep` of the negatives (He et al. 2014). */
export function undoDownsampling(p: number, keep: number): number {
  return p / (p + (1 - p) / keep);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
