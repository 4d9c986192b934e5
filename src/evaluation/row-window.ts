import { bug, type Stateful, type StateValue } from '../core/index.js';

/**
 * How long rows stay in a window. A row leaves when it is neither needed for `minPositives` nor younger than `spanMs`
 * (whichever keeps longer), and in any case when more than `maxRows` are held. A window by rows alone has
 * `minPositives: Infinity`.
 */
export interface WindowPolicy {
  readonly maxRows: number;
  readonly minPositives: number;
  /** Event time against the newest row's. */
  readonly spanMs: number;
}

export interface WindowRow {
  readonly logit: number;
  readonly label: 0 | 1;
  readonly eventTimeMs: number;
}

interface RowWindowState {
  readonly [key: string]: StateValue;
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
  readonly times: Float64Array;
  readonly newestMs: number | null;
}

/** The matured rows of a window in the order they came, in a ring of typed arrays (13 bytes a row). */
export class RowWindow implements Stateful {
  readonly #policy: WindowPolicy;
  #logits = new Float32Array(1024);
  #labels = new Uint8Array(1024);
  #times = new Float64Array(1024);
  #head = 0;
  #size = 0;
  #positives = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(policy: WindowPolicy) {
    this.#policy = policy;
  }

  get rows(): number {
    return this.#size;
  }

  get positives(): number {
    return this.#positives;
  }

  push(logit: number, label: 0 | 1, eventTimeMs: number): void {
    if (this.#size === this.#logits.length) this.#grow();
    const at = (this.#head + this.#size) & (this.#logits.length - 1);
    this.#logits[at] = logit;
    this.#labels[at] = label;
    this.#times[at] = eventTimeMs;
    this.#size++;
    this.#positives += label;
    if (eventTimeMs > this.#newestMs) this.#newestMs = eventTimeMs;
  }

  /** Whether the policy wants the oldest row out. */
  get overfull(): boolean {
    if (this.#size === 0) return false;
    const { maxRows, minPositives, spanMs } = this.#policy;
    if (this.#size > maxRows) return true;
    const unneeded = this.#positives - this.#labels[this.#head]! >= minPositives;
    return unneeded && this.#times[this.#head]! <= this.#newestMs - spanMs;
  }

  /** Takes the oldest row out; throws DADIN_BUG on an empty window. */
  shift(): WindowRow {
    if (this.#size === 0) bug('shift of an empty window');
    const row = this.#row(this.#head);
    this.#head = (this.#head + 1) & (this.#logits.length - 1);
    this.#size--;
    this.#positives -= row.label;
    return row;
  }

  /** Flips the label of the newest row that equals `row`; false when none is held (any more). O(rows). */
  relabel(row: WindowRow): boolean {
    const logit = Math.fround(row.logit);
    const mask = this.#logits.length - 1;
    for (let i = this.#size - 1; i >= 0; i--) {
      const at = (this.#head + i) & mask;
      if (this.#logits[at] !== logit || this.#times[at] !== row.eventTimeMs || this.#labels[at] !== row.label) continue;
      this.#labels[at] = 1 - row.label;
      this.#positives += 1 - 2 * row.label;
      return true;
    }
    return false;
  }

  /** Oldest first. */
  *[Symbol.iterator](): IterableIterator<WindowRow> {
    for (let i = 0; i < this.#size; i++) yield this.#row((this.#head + i) & (this.#logits.length - 1));
  }

  snapshot(): StateValue {
    const logits = new Float32Array(this.#size);
    const labels = new Uint8Array(this.#size);
    const times = new Float64Array(this.#size);
    for (let i = 0; i < this.#size; i++) {
      const at = (this.#head + i) & (this.#logits.length - 1);
      logits[i] = this.#logits[at]!;
      labels[i] = this.#labels[at]!;
      times[i] = this.#times[at]!;
    }
    const newestMs = Number.isFinite(this.#newestMs) ? this.#newestMs : null;
    return { logits, labels, times, newestMs } satisfies RowWindowState;
  }

  restore(state: StateValue): void {
    const { logits, labels, times, newestMs } = state as RowWindowState;
    this.#head = 0;
    this.#size = 0;
    this.#positives = 0;
    for (let i = 0; i < logits.length; i++) this.push(logits[i]!, labels[i] as 0 | 1, times[i]!);
    this.#newestMs = newestMs ?? Number.NEGATIVE_INFINITY;
  }

  #row(at: number): WindowRow {
    return { logit: this.#logits[at]!, label: this.#labels[at] as 0 | 1, eventTimeMs: this.#times[at]! };
  }

  /** Capacity is a power of two. */
  #grow(): void {
    const { logits, labels, times } = this.snapshot() as RowWindowState;
    const capacity = 2 * this.#logits.length;
    this.#logits = new Float32Array(capacity);
    this.#labels = new Uint8Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#logits.set(logits);
    this.#labels.set(labels);
    this.#times.set(times);
    this.#head = 0;
  }
}
