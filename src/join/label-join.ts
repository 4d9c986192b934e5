import type { Sample, SnapshotPool, StateValue } from '../core/index.js';

export interface LabelJoinOptions {
  /** A click counts when it comes at most this long (event time) after its impression. */
  readonly attributionWindowMs: number;
  /** Impressions that wait for their label at once; beyond it the oldest is given up, counted, never learned from. */
  readonly maxPending: number;
}

interface EarlyClick {
  readonly impressionId: string;
  readonly timeMs: number;
}

/**
 * Joins impressions with their clicks by impression id.
 *
 * ```
 * impression ────────── window ──────────|
 *      click inside: label 1 at the click|
 *                        no click: label 0 once event time has passed the end
 *                                        |  click after the end: counted late
 * click before its impression: kept for one window, then counted as an orphan
 * ```
 */
export class LabelJoin {
  readonly #options: LabelJoinOptions;
  readonly #waiting = new Map<string, Sample>();
  /** Impressions in order of their deadline; labelled ones are skipped when their turn comes. */
  #queue: Sample[] = [];
  #head = 0;
  #early = new Map<string, EarlyClick>();
  #counts = { orphanClicks: 0, givenUp: 0 };

  constructor(options: LabelJoinOptions) {
    this.#options = options;
  }

  /**
   * An impression without label begins to wait; true if its click came before it (its label is then 1). `givenUp` is told
   * of the impression that there is no room for any more: its label will never be known.
   */
  addImpression(sample: Sample, givenUp: (sample: Sample) => void): boolean {
    const early = this.#early.get(sample.impressionId);
    if (early !== undefined) {
      this.#early.delete(sample.impressionId);
      sample.label = 1;
      return true;
    }
    this.#waiting.set(sample.impressionId, sample);
    this.#queue.push(sample);
    if (this.#waiting.size > this.#options.maxPending) this.#giveUpOldest(givenUp);
    return false;
  }

  /** An impression with this id waits for its label. */
  isWaiting(impressionId: string): boolean {
    return this.#waiting.has(impressionId);
  }

  /** A click: the impression it labels, or null when that is not waiting (yet, or any more). */
  addClick(impressionId: string, timeMs: number): Sample | null {
    const sample = this.#waiting.get(impressionId);
    if (sample === undefined) {
      this.#early.delete(impressionId); // the newest stands for all, at the end: insertion order is time order
      this.#early.set(impressionId, { impressionId, timeMs });
      return null;
    }
    this.#waiting.delete(impressionId);
    sample.label = 1;
    return sample;
  }

  /** Event time reaches `timeMs`: impressions whose window ended strictly before it become negatives, oldest first. */
  advance(timeMs: number, matured: (sample: Sample) => void): void {
    const windowMs = this.#options.attributionWindowMs;
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.eventTimeMs + windowMs < timeMs) {
      const sample = this.#queue[this.#head++]!;
      if (sample.label >= 0 || !this.#waiting.delete(sample.impressionId)) continue;
      sample.label = 0;
      matured(sample);
    }
    if (this.#head > 4096 && this.#head * 2 > this.#queue.length) this.#compact();
    for (const [id, click] of this.#early) {
      if (click.timeMs + windowMs >= timeMs) break; // insertion order is time order
      this.#early.delete(id);
      this.#counts.orphanClicks++;
    }
  }

  get pending(): number {
    return this.#waiting.size;
  }

  /** Clicks without a waiting impression: after its window, or never shown to us. */
  get orphanClicks(): number {
    return this.#counts.orphanClicks;
  }

  get givenUp(): number {
    return this.#counts.givenUp;
  }

  #giveUpOldest(givenUp: (sample: Sample) => void): void {
    while (this.#head < this.#queue.length) {
      const sample = this.#queue[this.#head++]!;
      if (sample.label < 0 && this.#waiting.delete(sample.impressionId)) {
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
      waiting: pool.putSamples(this.#queue.slice(this.#head).filter((s) => this.#waiting.get(s.impressionId) === s)),
      early: [...this.#early.values()].map((click) => ({ ...click })),
      counts: { ...this.#counts },
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as {
      waiting: Uint32Array;
      early: readonly EarlyClick[];
      counts: { orphanClicks: number; givenUp: number };
    };
    this.#queue = pool.samples(s.waiting);
    this.#head = 0;
    this.#waiting.clear();
    for (const sample of this.#queue) this.#waiting.set(sample.impressionId, sample);
    this.#early = new Map(s.early.map((click) => [click.impressionId, { ...click }]));
    this.#counts = { ...s.counts };
  }
}
