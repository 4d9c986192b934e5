import { bug, type Stateful, type StateValue } from '../core/index.js';
import { sigmoid } from './calibration.js';
import { type LogitBins, logitBin, sameBins } from './logit-bins.js';

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
    const score = Math.fround(logit);
    const bin = logitBin(score, this.#bins);
    this.#rows[bin]!++;
    this.#clicks[bin]! += label;
    this.#predicted[bin]! += sigmoid(score);
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

  /** `groups` of equal mass, the k-th ending at row floor(k n / groups); a bin across a border is shared in proportion. */
  error(groups: number): number | null {
    const rows = this.#rows.reduce((sum, count) => sum + count, 0);
    if (rows === 0) return null;
    let group = 1;
    let room = Math.floor(rows / groups);
    let gap = 0;
    let total = 0;
    for (let b = 0; b < this.#bins.bins; b++) {
      const inBin = this.#rows[b]!;
      let left = inBin;
      while (left > 0) {
        const taken = Math.min(left, room);
        gap += ((this.#predicted[b]! - this.#clicks[b]!) * taken) / inBin;
        left -= taken;
        room -= taken;
        if (room > 0) continue;
        total += Math.abs(gap);
        gap = 0;
        room = Math.floor(((group + 1) * rows) / groups) - Math.floor((group * rows) / groups);
        group++;
      }
    }
    return total / rows;
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
