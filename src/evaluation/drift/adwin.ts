import type { StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';

const BUCKETS = 5;
const SLOTS = BUCKETS + 1;
/** Rows of 2^k values a bucket: enough for 2^50 values. */
const ROWS = 48;
const TEST_EVERY = 32;
const MIN_WINDOW = 10;
const MIN_PART = 5;

interface AdwinState {
  readonly [key: string]: StateValue;
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  readonly deviations: Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly sum: number;
  readonly deviation: number;
  readonly seen: number;
}

/**
 * ADWIN (Bifet and Gavalda 2007): a window that holds as many recent values as have one mean, in an exponential histogram
 * of at most five buckets of each size 2^k. Every 32 values all cuts between buckets are tested; where the means of both
 * sides differ by more than chance (at confidence `delta`) the oldest bucket goes, and it tests again.
 * The values should lie in [0, 1].
 */
export class Adwin implements DriftDetector {
  readonly #delta: number;
  /** Row k holds counts[k] buckets of 2^k values, oldest first, at k * SLOTS: their sums and sums of squared deviations. */
  #counts = new Int32Array(ROWS);
  #sums = new Float64Array(ROWS * SLOTS);
  #deviations = new Float64Array(ROWS * SLOTS);
  #rows = 1;
  #width = 0;
  #sum = 0;
  #deviation = 0;
  #seen = 0;

  constructor(delta = 0.002) {
    this.#delta = delta;
  }

  /** Values in the window. */
  get width(): number {
    return this.#width;
  }

  get mean(): number | null {
    return this.#width === 0 ? null : this.#sum / this.#width;
  }

  update(value: number): boolean {
    if (this.#width > 0) {
      const distance = value - this.#sum / this.#width;
      this.#deviation += (this.#width * distance * distance) / (this.#width + 1);
    }
    this.#width++;
    this.#sum += value;
    this.#append(0, value, 0);
    this.#compress();
    this.#seen++;
    if (this.#seen % TEST_EVERY !== 0) return false;
    let alarm = false;
    while (this.#width > MIN_WINDOW && this.#hasCut()) {
      this.#dropOldest();
      alarm = true;
    }
    return alarm;
  }

  snapshot(): StateValue {
    return {
      counts: this.#counts.slice(),
      sums: this.#sums.slice(),
      deviations: this.#deviations.slice(),
      rows: this.#rows,
      width: this.#width,
      sum: this.#sum,
      deviation: this.#deviation,
      seen: this.#seen,
    } satisfies AdwinState;
  }

  restore(state: StateValue): void {
    const s = state as AdwinState;
    this.#counts = s.counts.slice();
    this.#sums = s.sums.slice();
    this.#deviations = s.deviations.slice();
    this.#rows = s.rows;
    this.#width = s.width;
    this.#sum = s.sum;
    this.#deviation = s.deviation;
    this.#seen = s.seen;
  }

  /** Whether some cut, from the oldest bucket on, separates two means. */
  #hasCut(): boolean {
    const logTerm = Math.log((2 * Math.log(this.#width)) / this.#delta);
    const variance = Math.max(0, this.#deviation) / this.#width;
    let oldCount = 0;
    let oldSum = 0;
    for (let row = this.#rows - 1; row >= 0; row--) {
      for (let b = 0; b < this.#counts[row]!; b++) {
        oldCount += 2 ** row;
        oldSum += this.#sums[row * SLOTS + b]!;
        const newCount = this.#width - oldCount;
        if (oldCount < MIN_PART || newCount < MIN_PART) continue;
        const m = 1 / (oldCount - MIN_PART + 1) + 1 / (newCount - MIN_PART + 1);
        const allowed = Math.sqrt(2 * m * variance * logTerm) + (2 / 3) * logTerm * m;
        if (Math.abs(oldSum / oldCount - (this.#sum - oldSum) / newCount) > allowed) return true;
      }
    }
    return false;
  }

  #dropOldest(): void {
    const row = this.#rows - 1;
    const size = 2 ** row;
    const sum = this.#sums[row * SLOTS]!;
    const deviation = this.#deviations[row * SLOTS]!;
    this.#width -= size;
    this.#sum -= sum;
    const distance = sum / size - this.#sum / this.#width;
    this.#deviation -= deviation + (size * this.#width * distance * distance) / (size + this.#width);
    this.#removeFirst(row, 1);
    while (this.#rows > 1 && this.#counts[this.#rows - 1] === 0) this.#rows--;
  }

  /** A row of more than five buckets joins its two oldest into one of the next row. */
  #compress(): void {
    for (let row = 0; this.#counts[row]! > BUCKETS; row++) {
      const at = row * SLOTS;
      const size = 2 ** row;
      const distance = (this.#sums[at]! - this.#sums[at + 1]!) / size;
      const between = (size * distance * distance) / 2;
      const deviation = this.#deviations[at]! + this.#deviations[at + 1]! + between;
      this.#append(row + 1, this.#sums[at]! + this.#sums[at + 1]!, deviation);
      this.#removeFirst(row, 2);
      if (row + 1 === this.#rows) this.#rows++;
    }
  }

  #append(row: number, sum: number, deviation: number): void {
    const at = row * SLOTS + this.#counts[row]!;
    this.#sums[at] = sum;
    this.#deviations[at] = deviation;
    this.#counts[row]!++;
  }

  #removeFirst(row: number, buckets: number): void {
    const at = row * SLOTS;
    this.#sums.copyWithin(at, at + buckets, at + SLOTS);
    this.#deviations.copyWithin(at, at + buckets, at + SLOTS);
    this.#counts[row]! -= buckets;
  }
}
