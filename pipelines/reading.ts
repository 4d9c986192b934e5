import type { Decision, EventChunk, EventSource, WatermarkDecision } from '../src/core/index.js';
import type { ReorderBuffer } from '../src/ordering/index.js';

/** Chunks end at multiples of this position, so that a resumed run reads the very chunks that the first one did. */
const CHUNK_RECORDS = 1024;

/** A chunk, and from where on nothing stood before it (usually its first position). */
export interface ReadChunk extends EventChunk {
  readonly skippedFrom: bigint;
}

/** Decides what is read next. */
export interface Reading {
  /** The next chunk, perhaps an empty one that only lets the watermark go on; null at the end, or when told to stop. */
  next(): Promise<ReadChunk | null>;
}

/**
 * The partitions of a source as they are read on, with the decisions that were taken before: each takes effect before the
 * record that stands at its place, wherever the chunks end.
 */
export class PartitionReader {
  readonly #source: EventSource;
  readonly #order: ReorderBuffer;
  readonly #positions: bigint[];
  /** Decisions still to take effect, by partition, next one last. */
  readonly #ahead: WatermarkDecision[][];
  #last = -1;

  constructor(source: EventSource, order: ReorderBuffer, from: readonly bigint[], decisions: readonly Decision[]) {
    this.#source = source;
    this.#order = order;
    this.#positions = [...from];
    this.#ahead = source.partitions.map(({ name }) =>
      decisions
        .filter((one) => one.kind === 'watermark')
        .filter(({ partition }) => partition === name)
        .sort((a, b) => (a.position < b.position ? 1 : a.position > b.position ? -1 : b.timeMs - a.timeMs)),
    );
    for (let partition = 0; partition < this.#ahead.length; partition++) this.#decide(partition);
  }

  /** Next position to read. */
  position(partition: number): bigint {
    return this.#positions[partition]!;
  }

  /** The chunk read last has been taken in: what was decided right after it takes effect. */
  settle(): void {
    if (this.#last >= 0) this.#decide(this.#last);
    this.#last = -1;
  }

  async read(partition: number): Promise<ReadChunk> {
    const skippedFrom = this.#positions[partition]!;
    let records = CHUNK_RECORDS - Number(skippedFrom % BigInt(CHUNK_RECORDS));
    const decision = this.#ahead[partition]!.at(-1);
    if (decision !== undefined && decision.position < skippedFrom + BigInt(records))
      records = Number(decision.position - skippedFrom);
    const chunk = await this.#source.read(partition, records);
    this.#positions[partition] = chunk.first + BigInt(chunk.records.length);
    this.#last = partition;
    return { ...chunk, skippedFrom };
  }

  #decide(partition: number): void {
    const ahead = this.#ahead[partition]!;
    for (let next = ahead.at(-1); next !== undefined && next.position <= this.#positions[partition]!; ) {
      this.#order.advance(partition, next.timeMs);
      ahead.pop();
      next = ahead.at(-1);
    }
  }
}

/** Reads a log with an end, always the partition that holds the watermark back. */
export class BoundedReading implements Reading {
  readonly #partitions: PartitionReader;
  readonly #order: ReorderBuffer;
  readonly #stop: AbortSignal;

  /** `decisions`: what a live run over the same log had decided. */
  constructor(
    source: EventSource,
    order: ReorderBuffer,
    from: readonly bigint[],
    stop: AbortSignal,
    decisions: readonly Decision[],
  ) {
    this.#partitions = new PartitionReader(source, order, from, decisions);
    this.#order = order;
    this.#stop = stop;
  }

  async next(): Promise<ReadChunk | null> {
    this.#partitions.settle();
    const partition = this.#stop.aborted ? -1 : this.#order.laggard();
    return partition < 0 ? null : await this.#partitions.read(partition);
  }
}
