import { type BadRecord, bug, DadinError, type EventChunk } from '../core/index.js';
import { compareEvents, type PlacedEvent } from './event-order.js';

export interface ReorderOptions {
  /** How far an event may lag behind the newest event of its own partition before it is late. */
  readonly outOfOrdernessMs: number;
  readonly maxBufferedEvents: number;
}

/** A record that never reaches the fold's stages: undecodable or late. It still counts as read. */
export interface RejectedRecord {
  readonly bad: BadRecord;
  readonly partition: number;
  readonly position: bigint;
}

/** Where a restored buffer starts reading a partition, and what it had seen there. */
export interface PartitionStart {
  readonly maxTimeMs: number;
  /** Positions at or beyond the start that were folded already. */
  readonly done: ReadonlySet<bigint>;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Merges partitions into the canonical order (see `compareEvents`).
 *
 * ```
 * partition 0   t=1  t=4  t=9|            watermark = min over open partitions of (newest time - bound)
 * partition 1   t=2  t=3|                 released: everything strictly before the watermark
 *                       ^ watermark 3     -> 1, 2 (3 waits: another event at 3 may follow)
 * ```
 * A record is late against earlier records of its own partition only, so lateness does not depend on the interleaving.
 */
export class ReorderBuffer {
  readonly #options: ReorderOptions;
  readonly #foldedMs: number;
  readonly #newestMs: number[];
  readonly #open: boolean[];
  readonly #done: ReadonlySet<bigint>[];
  #heap: PlacedEvent[] = [];

  /** `foldedMs`: event time that a resumed fold has reached; what is older comes too late for it. */
  constructor(options: ReorderOptions, starts: readonly PartitionStart[], foldedMs: number | null) {
    this.#options = options;
    this.#foldedMs = foldedMs ?? Number.NEGATIVE_INFINITY;
    this.#newestMs = starts.map((start) => start.maxTimeMs);
    this.#open = starts.map(() => true);
    this.#done = starts.map((start) => start.done);
  }

  /**
   * The open partition that holds the watermark back: read that one next. -1 when all have ended. `passedOver` are left
   * out: nothing can be read there now.
   */
  laggard(passedOver: ReadonlySet<number> = NONE): number {
    let best = -1;
    for (let p = 0; p < this.#open.length; p++) {
      if (this.#open[p] && !passedOver.has(p) && (best < 0 || this.#newestMs[p]! < this.#newestMs[best]!)) best = p;
    }
    return best;
  }

  get watermarkMs(): number {
    const p = this.laggard();
    return p < 0 ? Number.POSITIVE_INFINITY : this.#newestMs[p]! - this.#options.outOfOrdernessMs;
  }

  isOpen(partition: number): boolean {
    return this.#open[partition] ?? false;
  }

  /** Newest event time of a partition, or what it was decided to stand at; -Infinity before its first event. */
  newestMs(partition: number): number {
    return this.#newestMs[partition] ?? Number.NEGATIVE_INFINITY;
  }

  /** A decision from outside: the partition, silent, stands at `timeMs` as if an event had told so. Never goes back. */
  advance(partition: number, timeMs: number): void {
    if (timeMs > this.newestMs(partition)) this.#newestMs[partition] = timeMs;
  }

  get buffered(): number {
    return this.#heap.length;
  }

  /** Takes a chunk in; returns the records that were rejected. */
  push(chunk: EventChunk): RejectedRecord[] {
    const p = chunk.partition;
    const done = this.#done[p] ?? bug(`chunk of unknown partition ${p}`);
    const rejected: RejectedRecord[] = [];
    let position = chunk.first;
    for (const record of chunk.records) {
      const isDone = done.size > 0 && done.has(position);
      if (!record.ok) {
        if (!isDone) rejected.push({ bad: record.bad, partition: p, position });
      } else {
        const event = record.value;
        const newest = this.#newestMs[p]!;
        const earliestMs = Math.max(newest - this.#options.outOfOrdernessMs, this.#foldedMs);
        if (event.eventTimeMs < earliestMs && !isDone) {
          rejected.push({
            bad: lateRecord(event.eventTimeMs, Math.max(newest, this.#foldedMs)),
            partition: p,
            position,
          });
        } else {
          if (event.eventTimeMs > newest) this.#newestMs[p] = event.eventTimeMs;
          if (!isDone) this.#insert({ event, partition: p, position });
        }
      }
      position++;
    }
    if (chunk.last) this.#open[p] = false;
    if (this.#heap.length > this.#options.maxBufferedEvents) this.#refuse(p);
    return rejected;
  }

  /** The next event in canonical order if it stands before the watermark, else null. */
  pop(watermarkMs: number): PlacedEvent | null {
    const top = this.#heap[0];
    if (top === undefined || top.event.eventTimeMs >= watermarkMs) return null;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    return top;
  }

  #insert(entry: PlacedEvent): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (compareEvents(heap[parent]!, entry) <= 0) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #sink(): void {
    const heap = this.#heap;
    const entry = heap[0]!;
    const n = heap.length;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= n) break;
      if (child + 1 < n && compareEvents(heap[child + 1]!, heap[child]!) < 0) child++;
      if (compareEvents(entry, heap[child]!) <= 0) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = entry;
  }

  #refuse(partition: number): never {
    throw new DadinError('DADIN_ORDER_BUFFER_FULL', 'too many events wait for the watermark', {
      step: 'order',
      partition: String(partition),
      got: `${this.#heap.length} events within ordering.outOfOrdernessMs = ${this.#options.outOfOrdernessMs}`,
      expected: `at most ordering.maxBufferedEvents = ${this.#options.maxBufferedEvents}`,
      remedy: 'lower ordering.outOfOrdernessMs, or raise ordering.maxBufferedEvents (about 1 kB an event)',
    });
  }
}

/** `newestMs`: newest event of the partition, or the time a resumed fold has reached. */
function lateRecord(timeMs: number, newestMs: number): BadRecord {
  return {
    code: 'DADIN_RECORD_LATE',
    reason: `event time ${timeMs} lies ${newestMs - timeMs} ms behind the newest event of its partition, or behind what was learned before`,
    original: null,
  };
}
