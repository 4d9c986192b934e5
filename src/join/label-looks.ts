import type { Sample, SnapshotPool, StateValue } from '../core/index.js';

export interface LabelLooksOptions {
  /** Event time at which the first look at an impression is due; must not fall as the time of the impression grows. */
  readonly firstLookAtMs: (impressionMs: number) => number;
  readonly attributionWindowMs: number;
  /** Half of the impressions kept at once, those included that the join has given up; beyond it the oldest are left out. */
  readonly maxPending: number;
}

/**
 * Looks twice at impressions whose click is told later: for ES-DFM and DEFER (algorithm D.7), and for a start without too
 * many clicks.
 *
 * ```
 * impression ──────── first look ─────────────────── window ───────|
 *      click: 1 at the look │                         outcome, once the window is over: label and what the look saw
 *                 else: 0   │  a click here is late
 * ```
 */
export class LabelLooks {
  readonly #options: LabelLooksOptions;
  /** In order of event time. */
  #queue: Sample[] = [];
  /** [queue] what the first look saw. */
  #seen: number[] = [];
  #head = 0;
  #lookAt = 0;
  #leftOut = 0;

  constructor(options: LabelLooksOptions) {
    this.#options = options;
  }

  /** An impression whose click is told later. */
  add(sample: Sample): void {
    this.#queue.push(sample);
    if (this.#queue.length - this.#head <= 2 * this.#options.maxPending) return;
    // one without a label has been given up by the join, and counted there
    if (this.#queue[this.#head++]!.label >= 0) this.#leftOut++;
    this.#lookAt = Math.max(this.#lookAt, this.#head);
    this.#compact();
  }

  /** The first look at an impression is over at `nowMs`. */
  isOver({ eventTimeMs }: Sample, nowMs: number): boolean {
    return this.#options.firstLookAtMs(eventTimeMs) < nowMs;
  }

  /**
   * Event time reaches `timeMs`; final labels of windows that have closed are known. Gives first looks (0 or 1 by then) and
   * outcomes (with what the look saw), each oldest first; an impression whose label will never be known has no outcome.
   */
  advance(
    timeMs: number,
    look: (sample: Sample, label: number) => void,
    outcome: (sample: Sample, seen: number) => void,
  ): void {
    for (; this.#lookAt < this.#queue.length && this.isOver(this.#queue[this.#lookAt]!, timeMs); this.#lookAt++) {
      const sample = this.#queue[this.#lookAt]!;
      const label = sample.label === 1 ? 1 : 0;
      this.#seen[this.#lookAt] = label;
      look(sample, label);
    }
    const windowMs = this.#options.attributionWindowMs;
    while (this.#head < this.#lookAt && this.#queue[this.#head]!.eventTimeMs + windowMs < timeMs) {
      const at = this.#head++;
      const sample = this.#queue[at]!;
      if (sample.label >= 0) outcome(sample, this.#seen[at]!);
    }
    this.#compact();
  }

  get pending(): number {
    return this.#queue.length - this.#head;
  }

  /** Labelled impressions that were left out. */
  get leftOut(): number {
    return this.#leftOut;
  }

  #compact(): void {
    if (this.#head <= 4096 || this.#head * 2 <= this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#seen = this.#seen.slice(this.#head);
    this.#lookAt -= this.#head;
    this.#head = 0;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      queue: pool.putSamples(this.#queue.slice(this.#head)),
      seen: Uint8Array.from(this.#seen.slice(this.#head, this.#lookAt)),
      leftOut: this.#leftOut,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as { queue: Uint32Array; seen: Uint8Array; leftOut: number };
    this.#queue = pool.samples(s.queue);
    this.#seen = [...s.seen];
    this.#head = 0;
    this.#lookAt = s.seen.length;
    this.#leftOut = s.leftOut;
  }
}
