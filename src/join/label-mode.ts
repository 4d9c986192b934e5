/** What enters training, and when, of an impression whose click is told later (algorithm D.7). */
export type LabelMode = 'wait' | 'fakeNegativeWeighted' | 'fakeNegativeCalibrated' | 'esDfm' | 'defer';

/** Modes that look at an impression some time before its window closes, and weigh by what they have learned of delays. */
export function looksEarly(mode: LabelMode): mode is 'esDfm' | 'defer' {
  return mode === 'esDfm' || mode === 'defer';
}

/** How predictions differ from the probability of a click, because of what the model is trained on. */
export interface TrainedSpace {
  readonly mode: LabelMode;
  /** Share of the negatives that enter training. */
  readonly negativeRate: number;
}

/** A probability of 1 has no logit; this close to it is close enough. */
const LARGEST_CALIBRATED_LOGIT = -1e-6;

/**
 * The logit to serve and to judge behind a model's own: negatives that were left out (algorithm D.12) and fake negatives
 * that were learned as they came (`fakeNegativeCalibrated`, b / (1 - b)) made good.
 */
export function servedLogit(logit: number, { mode, negativeRate }: TrainedSpace): number {
  const all = negativeRate === 1 ? logit : logit + Math.log(negativeRate);
  if (mode !== 'fakeNegativeCalibrated') return all;
  // p = b / (1 - b) = e^logit, so its logit is logit - ln(1 - e^logit)
  const odds = Math.min(all, LARGEST_CALIBRATED_LOGIT);
  return odds - Math.log(-Math.expm1(odds));
}
