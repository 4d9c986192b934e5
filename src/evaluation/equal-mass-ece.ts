import { bug, type Stateful, type StateValue } from '../core/index.js';
import { type JudgedRow, judgedRow } from './judged-row.js';
import { type LogitBins, logitBin, sameBins } from './logit-bins.js';

/** Groups of equal mass in published figures. */
export const ECE_GROUPS = 15;

interface EqualMassEceState {
  readonly [key: string]: StateValue;
  readonly rows: Uint32Array;
  readonly clicks: Uint32Array;
  readonly predicted: Float64Array;
}

/**
 * Expected calibration error with groups of equal mass, from a histogram of logits: sum over groups of
 * |predicted clicks - clicks|, over rows. At click rates of a few per cent groups of equal width would put nearly every
 * row into one group. The finer the bins, the nearer the groups are to exact.
 */
export class EqualMassEce implements Stateful {
  readonly #bins: LogitBins;
  /** [bins] each: rows, clicks, sum of predicted probabilities */
  #rows: Uint32Array;
  #clicks: Uint32Array;
  #predicted: Float64Array;

  constructor(bins: LogitBins) {
    this.#bins = bins;
    this.#rows = new Uint32Array(bins.bins);
    this.#clicks = new Uint32Array(bins.bins);
    this.#predicted = new Float64Array(bins.bins);
  }

  add(logit: number, label: 0 | 1): void {
    this.addJudged(judgedRow(logit, label));
  }

  addJudged({ logit, probability, label }: JudgedRow): void {
    const bin = logitBin(logit, this.#bins);
    this.#rows[bin]!++;
    this.#clicks[bin]! += label;
    this.#predicted[bin]! += probability;
  }

  /** A late label: the row's prediction stands, its click comes or goes. */
  restate(logit: number, from: 0 | 1): void {
    this.#clicks[logitBin(logit, this.#bins)]! += 1 - 2 * from;
  }

  merge(other: EqualMassEce): void {
    if (!sameBins(other.#bins, this.#bins)) bug('merging histograms of different bins');
    for (let b = 0; b < this.#bins.bins; b++) {
      this.#rows[b]! += other.#rows[b]!;
      this.#clicks[b]! += other.#clicks[b]!;
      this.#predicted[b]! += other.#predicted[b]!;
    }
  }

  /** Over `groups` of equal mass; null without rows. */
  error(groups: number): number | null {
    return equalMassError({ rows: this.#rows, clicks: this.#clicks, predicted: this.#predicted }, groups);
  }

  snapshot(): StateValue {
    return {
      rows: this.#rows.slice(),
      clicks: this.#clicks.slice(),
      predicted: this.#predicted.slice(),
    } satisfies EqualMassEceState;
  }

  restore(state: StateValue): void {
    const { rows, clicks, predicted } = state as EqualMassEceState;
    this.#rows = rows.slice();
    this.#clicks = clicks.slice();
    this.#predicted = predicted.slice();
  }
}

/** Rows of like score in ascending order of it, [bins] each: rows, clicks, sum of predicted probabilities. */
export interface ScoredBins {
  readonly rows: ArrayLike<number>;
  readonly clicks: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/**
 * sum over groups of |predicted clicks - clicks|, over rows; the k-th of `groups` ends at row floor(k n / groups), a bin
 * across a border is shared in proportion. Null without rows.
 */
export function equalMassError({ rows, clicks, predicted }: ScoredBins, groups: number): number | null {
  let total = 0;
  for (let b = 0; b < rows.length; b++) total += rows[b]!;
  if (total === 0) return null;
  let group = 1;
  let room = Math.floor(total / groups);
  let gap = 0;
  let error = 0;
  for (let b = 0; b < rows.length; b++) {
    const inBin = rows[b]!;
    let left = inBin;
    while (left > 0) {
      const taken = Math.min(left, room);
      gap += ((predicted[b]! - clicks[b]!) * taken) / inBin;
      left -= taken;
      room -= taken;
      if (room > 0) continue;
      error += Math.abs(gap);
      gap = 0;
      room = Math.floor(((group + 1) * total) / groups) - Math.floor((group * total) / groups);
      group++;
    }
  }
  return error / total;
}
