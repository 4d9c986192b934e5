import type { AucSummary } from './binned-auc.js';

const NORMAL_975 = 1.959963984540054;

export interface AucInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of an AUC from DeLong's standard error, taken on the logit scale, where the estimate is closer to normal
 * and the ends stay inside (0, 1), with Student's quantile for the rarer class's rows. Of the intervals tried
 * (Hanley-McNeil and DeLong, plain and on the logit scale, Newcombe's method 5) the one that covers nearest 95 % also when
 * the classes' scores spread differently (bench/evaluation.ts). With few positives and an AUC above .95 it is too short.
 *
 * Null where the AUC or its error is, and at exactly 0 or 1, where the sample says nothing of its own error.
 */
export function aucInterval({ auc, aucSe, rows, positives }: Omit<AucSummary, 'aucBound'>): AucInterval | null {
  if (auc === null || aucSe === null || auc <= 0 || auc >= 1) return null;
  const centre = Math.log(auc / (1 - auc));
  const width = (studentQuantile975(Math.min(positives, rows - positives) - 1) * aucSe) / (auc * (1 - auc));
  return { low: 1 / (1 + Math.exp(width - centre)), high: 1 / (1 + Math.exp(-width - centre)) };
}

/** .975 quantile of Student's t by its expansion about the normal's (Abramowitz and Stegun 26.7.5), to .002 from 5 degrees on. */
function studentQuantile975(degrees: number): number {
  const z = NORMAL_975;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / degrees + second / degrees ** 2;
}
