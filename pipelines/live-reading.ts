import type { Decision, EventSource, LiveNews } from '../src/core/index.js';
import type { ReorderBuffer } from '../src/ordering/index.js';
import { PartitionReader, type ReadChunk, type Reading } from './reading.js';

/** How long to wait for news of any partition before looking again whether one is silent, or whether to stop. */
const LOOK_EVERY_MS = 50;
/** A silent partition is moved on at most this often: each time is a write to the disk. */
const DECIDE_EVERY_MS = 100;

export interface LiveReadingOptions {
  /** A partition known to be empty for so long, by the wall clock, no longer holds the watermark. */
  readonly idleTimeoutMs: number;
  readonly stop: AbortSignal;
  /** What was decided before, from the journal. */
  readonly decisions: readonly Decision[];
  /** Puts a decision on the disk; it takes effect when this has resolved. */
  readonly record: (decision: Decision) => Promise<void>;
  /** Whether somebody waits for a place between two events: an empty chunk makes one. */
  readonly isAwaited: () => boolean;
}

/**
 * Reads a log that goes on: the partition that holds the watermark back, of those that are not silent.
 *
 * ```
 * partition 0   t=1  t=4  t=9|...        silent for idleTimeoutMs: stands at 12 from here on,
 * partition 1   t=2  t=3  t=12|          as the journal says before the watermark moves
 * ```
 * The clock decides *that* a partition is passed over and when; *where* stands in the journal, so the fold of the log and
 * the journal has the same bits every time.
 */
export class LiveReading implements Reading {
  readonly #partitionNames: readonly string[];
  readonly #news: LiveNews;
  readonly #order: ReorderBuffer;
  readonly #options: LiveReadingOptions;
  readonly #partitions: PartitionReader;
  readonly #indexes: readonly number[];
  readonly #silent = new Set<number>();
  /** For how long each had been empty when it was moved on last. */
  readonly #decidedAtMs: number[];

  constructor(
    source: EventSource,
    news: LiveNews,
    order: ReorderBuffer,
    from: readonly bigint[],
    options: LiveReadingOptions,
  ) {
    this.#partitionNames = source.partitions.map(({ name }) => name);
    this.#news = news;
    this.#order = order;
    this.#options = options;
    this.#partitions = new PartitionReader(source, order, from, options.decisions);
    this.#indexes = [...source.partitions.keys()];
    this.#decidedAtMs = this.#indexes.map(() => Number.NEGATIVE_INFINITY);
  }

  async next(): Promise<ReadChunk | null> {
    const { stop } = this.#options;
    for (;;) {
      this.#partitions.settle();
      if (stop.aborted || this.#order.laggard() < 0) return null;
      if (this.#options.isAwaited()) return this.#emptyChunk(0);
      this.#findSilent();
      const moved = await this.#moveSilentOn();
      if (moved >= 0) return this.#emptyChunk(moved);
      const partition = this.#order.laggard(this.#silent);
      if (partition >= 0 && this.#news.isReady(partition)) return await this.#partitions.read(partition);
      await this.#news.changed(LOOK_EVERY_MS);
    }
  }

  #emptyChunk(partition: number): ReadChunk {
    const first = this.#partitions.position(partition);
    return { partition, first, skippedFrom: first, records: [], last: false };
  }

  #findSilent(): void {
    for (const p of this.#indexes) {
      const emptyMs = this.#order.isOpen(p) && !this.#news.isReady(p) ? this.#news.emptyForMs(p) : null;
      if (emptyMs !== null && emptyMs >= this.#options.idleTimeoutMs) {
        this.#silent.add(p);
      } else {
        this.#silent.delete(p);
        this.#decidedAtMs[p] = Number.NEGATIVE_INFINITY;
      }
    }
  }

  /** Lets silent partitions stand where the slowest of the others stands. Returns one that moved, or -1. */
  async #moveSilentOn(): Promise<number> {
    if (this.#silent.size === 0) return -1;
    const timeMs = this.#timeOfTheOthers();
    let moved = -1;
    for (const p of this.#silent) {
      const emptyMs = this.#news.emptyForMs(p);
      if (timeMs <= this.#order.newestMs(p) || emptyMs === null || emptyMs - this.#decidedAtMs[p]! < DECIDE_EVERY_MS)
        continue;
      this.#decidedAtMs[p] = emptyMs;
      await this.#options.record({
        kind: 'watermark',
        partition: this.#partitionNames[p]!,
        position: this.#partitions.position(p),
        timeMs,
      });
      this.#order.advance(p, timeMs);
      moved = p;
    }
    return moved;
  }

  /** Where the slowest stands of those that still speak; where all are silent, the foremost. */
  #timeOfTheOthers(): number {
    let slowestMs = Number.POSITIVE_INFINITY;
    let foremostMs = Number.NEGATIVE_INFINITY;
    for (const p of this.#indexes) {
      const newestMs = this.#order.newestMs(p);
      if (newestMs > foremostMs) foremostMs = newestMs;
      if (this.#order.isOpen(p) && !this.#silent.has(p) && newestMs < slowestMs) slowestMs = newestMs;
    }
    return slowestMs === Number.POSITIVE_INFINITY ? foremostMs : slowestMs;
  }
}
