import type { Sample, SnapshotPool, StateValue } from '../core/index.js';
import { ClosedLabels } from './closed-labels.js';

export interface LabelJoinOptions {
  /** A click counts when it comes at most this long (event time) after its impression. */
  readonly attributionWindowMs: number;
  /** Impressions that wait for their label at once; beyond it the oldest is given up, counted, never learned from. */
  readonly maxPending: number;
}

/**
 * Joins impressions with their clicks by impression id.
 *
 * ```
 * impression ────────── window ──────────|
 *      click inside: label 1 at the click|
 *                        no click: label 0 once event time has passed the end
 *                                        |  click within another window: late, the label stays
 * click before its impression: kept for one window, then counted as an orphan
 * ```
 */
export class LabelJoin {
  readonly #options: LabelJoinOptions;
  readonly #waiting = new Map<string, Sample>();
  /** Impressions in order of their deadline; labelled ones are skipped when their turn comes. */
  #queue: Sample[] = [];
  #head = 0;
  /** Clicks before their impression, and when they came. */
  #early = new Map<string, number>();
  readonly #closed: ClosedLabels;
  #counts = { orphanClicks: 0, lateClicks: 0, givenUp: 0 };

  constructor(options: LabelJoinOptions) {
    this.#options = options;
    this.#closed = new ClosedLabels(options.attributionWindowMs, options.maxPending);
  }

  /**
   * An impression without label begins to wait; true if its click came before it (its label is then 1). `givenUp` is told
   * of the impression that there is no room for any more: its label will never be known.
   */
  addImpression(sample: Sample, givenUp: (sample: Sample) => void): boolean {
    const early = this.#early.get(keyOf(sample.domain, sample.impressionId));
    if (early !== undefined) {
      this.#early.delete(keyOf(sample.domain, sample.impressionId));
      sample.label = 1;
      return true;
    }
    this.#waiting.set(keyOf(sample.domain, sample.impressionId), sample);
    this.#queue.push(sample);
    if (this.#waiting.size > this.#options.maxPending) this.#giveUpOldest(givenUp);
    return false;
  }

  /** An impression with this id waits for its label. */
  isWaiting(domain: number, impressionId: string): boolean {
    return this.#waiting.has(keyOf(domain, impressionId));
  }

  /**
   * A click: the impression it labels, or null when that is not waiting (yet, or any more). `late` is told of one whose
   * window has closed, which keeps its label.
   */
  addClick(domain: number, impressionId: string, timeMs: number, late: (sample: Sample) => void): Sample | null {
    const key = keyOf(domain, impressionId);
    const sample = this.#waiting.get(key);
    if (sample === undefined) {
      const closed = this.#closed.take(key);
      if (closed !== null) {
        this.#counts.lateClicks++;
        late(closed);
        return null;
      }
      this.#early.delete(key); // the newest stands for all, at the end: insertion order is time order
      this.#early.set(key, timeMs);
      return null;
    }
    this.#waiting.delete(key);
    sample.label = 1;
    return sample;
  }

  /** Event time reaches `timeMs`: impressions whose window ended strictly before it become negatives, oldest first. */
  advance(timeMs: number, matured: (sample: Sample) => void): void {
    const windowMs = this.#options.attributionWindowMs;
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.eventTimeMs + windowMs < timeMs) {
      const sample = this.#queue[this.#head++]!;
      const key = keyOf(sample.domain, sample.impressionId);
      if (sample.label >= 0 || !this.#waiting.delete(key)) continue;
      sample.label = 0;
      this.#closed.add(key, sample);
      matured(sample);
    }
    this.#closed.advance(timeMs);
    if (this.#head > 4096 && this.#head * 2 > this.#queue.length) this.#compact();
    for (const [key, clickMs] of this.#early) {
      if (clickMs + windowMs >= timeMs) break; // insertion order is time order
      this.#early.delete(key);
      this.#counts.orphanClicks++;
    }
  }

  get pending(): number {
    return this.#waiting.size;
  }

  /** Clicks that came within a window after their impression's had closed. */
  get lateClicks(): number {
    return this.#counts.lateClicks;
  }

  /** Impressions without a click whose figures may still be put right, by domain code. */
  get provisional(): readonly [source: number, target: number] {
    return this.#closed.rows;
  }

  /** Clicks without a known impression: long after its window, or never shown to us. */
  get orphanClicks(): number {
    return this.#counts.orphanClicks;
  }

  get givenUp(): number {
    return this.#counts.givenUp;
  }

  #giveUpOldest(givenUp: (sample: Sample) => void): void {
    while (this.#head < this.#queue.length) {
      const sample = this.#queue[this.#head++]!;
      if (sample.label < 0 && this.#waiting.delete(keyOf(sample.domain, sample.impressionId))) {
        this.#counts.givenUp++;
        givenUp(sample);
        return;
      }
    }
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      waiting: pool.putSamples(
        this.#queue.slice(this.#head).filter((s) => this.#waiting.get(keyOf(s.domain, s.impressionId)) === s),
      ),
      earlyKeys: [...this.#early.keys()],
      earlyMs: Float64Array.from(this.#early.values()),
      counts: { ...this.#counts },
      closed: this.#closed.snapshot(pool),
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as {
      waiting: Uint32Array;
      earlyKeys: readonly string[];
      earlyMs: Float64Array;
      counts: { orphanClicks: number; lateClicks?: number; givenUp: number };
      /** Absent in older checkpoints, as the count of late clicks is. */
      closed?: StateValue;
    };
    this.#queue = pool.samples(s.waiting);
    this.#head = 0;
    this.#waiting.clear();
    for (const sample of this.#queue) this.#waiting.set(keyOf(sample.domain, sample.impressionId), sample);
    this.#early = new Map(s.earlyKeys.map((key, i) => [key, s.earlyMs[i]!]));
    this.#counts = { ...this.#counts, ...s.counts };
    if (s.closed !== undefined) this.#closed.restore(s.closed, pool);
  }
}

/** Impression ids are unique within a domain. */
function keyOf(domain: number, impressionId: string): string {
  return domain === 1 ? `t${impressionId}` : `s${impressionId}`;
}
