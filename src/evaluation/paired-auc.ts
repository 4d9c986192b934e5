import { bug } from '../core/index.js';

/** A figure of the first score less that of the second. */
export interface PairedDifference {
  readonly difference: number;
  readonly standardError: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
}

export interface AucDifference extends PairedDifference {
  /** AUC of either score. */
  readonly first: number;
  readonly second: number;
}

const NORMAL_975 = 1.959963984540054;

/**
 * Difference of the AUCs of two scores of the same rows, with the correlation between them counted (DeLong, DeLong and
 * Clarke-Pearson 1988) from mid-ranks in O(n log n) (Sun and Xu 2014). `first`, `second`, `labels`: [n].
 * Null with fewer than two rows of a class.
 */
export function aucDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
): AucDifference | null {
  if (first.length !== labels.length || second.length !== labels.length) bug('scores and labels differ in length');
  const a = placements(first, labels);
  const b = placements(second, labels);
  const positives = a.ofPositives.length;
  const negatives = a.ofNegatives.length;
  if (positives < 2 || negatives < 2) return null;
  const aucs = { first: mean(a.ofPositives), second: mean(b.ofPositives) };
  const variance =
    differenceVariance(a.ofPositives, b.ofPositives) / positives +
    differenceVariance(a.ofNegatives, b.ofNegatives) / negatives;
  return { ...aucs, ...pairedDifference(aucs.first - aucs.second, Math.sqrt(variance)) };
}

/** Mean of first less second over rows [n], with the standard error of a mean. Null with fewer than two rows. */
export function meanDifference(first: ArrayLike<number>, second: ArrayLike<number>): PairedDifference | null {
  const n = first.length;
  if (second.length !== n) bug('paired values differ in length');
  if (n < 2) return null;
  const a = Float64Array.from(first);
  const b = Float64Array.from(second);
  return pairedDifference(mean(a) - mean(b), Math.sqrt(differenceVariance(a, b) / n));
}

function pairedDifference(difference: number, standardError: number): PairedDifference {
  const width = NORMAL_975 * standardError;
  return { difference, standardError, low: difference - width, high: difference + width };
}

interface RowPlacements {
  /** [P] share of negatives below each positive, ties one half */
  readonly ofPositives: Float64Array;
  /** [N] share of positives above each negative */
  readonly ofNegatives: Float64Array;
}

/** From mid-ranks: a row's rank among all rows less its rank within its class counts the other class below it. */
function placements(scores: ArrayLike<number>, labels: ArrayLike<number>): RowPlacements {
  const n = scores.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, j) => scores[i]! - scores[j]!);
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[i]! > 0 ? 1 : 0;
  const negatives = n - positives;
  const byRow = new Float64Array(n);
  let positivesBelow = 0;
  let negativesBelow = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    let tiedPositives = 0;
    while (to < n && scores[order[to]!] === scores[order[from]!]) {
      if (labels[order[to++]!]! > 0) tiedPositives++;
    }
    if (to === from) bug(`a score that is not a number, in row ${order[from]}`);
    const tiedNegatives = to - from - tiedPositives;
    const ofPositive = (negativesBelow + tiedNegatives / 2) / negatives;
    const ofNegative = (positives - positivesBelow - tiedPositives / 2) / positives;
    for (let k = from; k < to; k++) byRow[order[k]!] = labels[order[k]!]! > 0 ? ofPositive : ofNegative;
    positivesBelow += tiedPositives;
    negativesBelow += tiedNegatives;
    from = to;
  }
  return {
    ofPositives: byRow.filter((_, i) => labels[i]! > 0),
    ofNegatives: byRow.filter((_, i) => !(labels[i]! > 0)),
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample variance of a - b: Var a + Var b - 2 Cov(a, b). */
function differenceVariance(a: Float64Array, b: Float64Array): number {
  const centre = mean(a) - mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]! - centre) ** 2;
  return sum / (a.length - 1);
}
