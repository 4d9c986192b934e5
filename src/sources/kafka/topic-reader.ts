import type { EventDecoder } from '../../codec/index.js';
import type { FetchedRecord } from './cluster.js';
import { PartitionQueue } from './partition-queue.js';
import { decodeRecord } from './topic-decoder.js';
import { nameOf, type TopicPartition } from './topic-offsets.js';

interface RecordDecoder {
  readonly decode: EventDecoder;
  readonly prepare?: (messages: Iterable<Uint8Array>) => Promise<void>;
}

/** One partition of a topic while it is read: its queue, where it ends, and since when it has been silent. */
export class TopicReader implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  readonly #decoder: RecordDecoder;
  /** Reading ends before this position; null: never. */
  readonly end: bigint | null;
  queue: PartitionQueue;
  #emptySinceMs: number | null = null;

  constructor({ topic, partition }: TopicPartition, decoder: RecordDecoder, position: bigint, end: bigint | null) {
    this.topic = topic;
    this.partition = partition;
    this.name = nameOf({ topic, partition });
    this.#decoder = decoder;
    this.end = end;
    this.queue = new PartitionQueue(position);
  }

  /** Everything before the end has been fetched. */
  get hasEnded(): boolean {
    return this.end !== null && this.queue.fetchOffset >= this.end;
  }

  /** `performance.now()` at the question to which the broker first said that nothing stands here; null while it may. */
  get emptySinceMs(): number | null {
    return this.queue.isEmpty ? this.#emptySinceMs : null;
  }

  /** To be awaited before `put`. */
  async prepare(records: readonly FetchedRecord[]): Promise<void> {
    await this.#decoder.prepare?.(records.flatMap(({ value }) => value ?? []));
  }

  put(records: readonly FetchedRecord[]): void {
    for (const record of records) {
      const offset = BigInt(record.offset);
      // a compressed batch comes whole, with records from before the position
      if (offset < this.queue.fetchOffset || this.hasEnded) continue;
      if (this.end !== null && offset >= this.end) break;
      this.queue.put(offset, decodeRecord(record, this.#decoder.decode), record.value?.length ?? 0);
    }
    this.#emptySinceMs = null;
  }

  skipTo(offset: bigint): void {
    this.#emptySinceMs = null;
    this.queue.skipTo(this.end !== null && offset > this.end ? this.end : offset);
  }

  /** The broker gave no record: there is none, or other partitions took the room, or a transaction is still open. */
  sawNothing(highWatermark: bigint, askedMs: number): void {
    if (this.queue.fetchOffset < highWatermark) this.#emptySinceMs = null;
    else this.#emptySinceMs ??= askedMs;
  }

  /** The broker did not answer: something may have come. */
  lostSight(): void {
    this.#emptySinceMs = null;
  }
}
