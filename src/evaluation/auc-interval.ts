const NORMAL_975 = 1.959963984540054;

export interface AucInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of an AUC from DeLong's standard error, taken on the logit scale, where the estimate is closer to normal
 * and the ends stay inside (0, 1). Of the intervals tried (Hanley-McNeil and DeLong, plain and on the logit scale,
 * Newcombe's method 5) the one that covers nearest 95 % also when the classes' scores spread differently
 * (bench/evaluation.ts). With few positives and an AUC above .95 it is too short: widen the window.
 *
 * Null where the AUC or its error is, and at exactly 0 or 1, where the sample says nothing of its own error.
 */
export function aucInterval(auc: number | null, standardError: number | null): AucInterval | null {
  if (auc === null || standardError === null || auc <= 0 || auc >= 1) return null;
  const centre = Math.log(auc / (1 - auc));
  const width = (NORMAL_975 * standardError) / (auc * (1 - auc));
  return { low: 1 / (1 + Math.exp(width - centre)), high: 1 / (1 + Math.exp(-width - centre)) };
}
