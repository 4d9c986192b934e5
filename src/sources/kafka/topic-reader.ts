import type { EventDecoder } from '../../codec/index.js';
import type { FetchedRecord } from './cluster.js';
import { PartitionQueue } from './partition-queue.js';
import { decodeRecord } from './topic-decoder.js';
import { nameOf, type TopicPartition } from './topic-offsets.js';

interface RecordDecoder {
  readonly decode: EventDecoder;
  readonly prepare?: (messages: Iterable<Uint8Array>) => Promise<void>;
}

/** Header with the producer's trace context (W3C). */
const TRACE_HEADER = 'traceparent';
const TRACEPARENT_CHARACTERS = 55;
/** Producers remembered between two reads. */
const MOST_PRODUCERS = 8;

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
  #producers: string[] = [];
  #highWatermark: bigint | null = null;

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
    this.#sampleProducer(records[0]);
    for (const record of records) {
      const offset = BigInt(record.offset);
      // a compressed batch comes whole, with records from before the position
      if (offset < this.queue.fetchOffset || this.hasEnded) continue;
      if (this.end !== null && offset >= this.end) break;
      this.queue.put(offset, decodeRecord(record, this.#decoder.decode), record.value?.length ?? 0);
    }
    this.#emptySinceMs = null;
  }

  /** Trace contexts of the producers of some records put since the last call. */
  takeProducers(): readonly string[] {
    const producers = this.#producers;
    this.#producers = [];
    return producers;
  }

  #sampleProducer(record: FetchedRecord | undefined): void {
    const header = record?.headers[TRACE_HEADER];
    if (header === undefined || this.#producers.length === MOST_PRODUCERS) return;
    this.#producers.push(String(header).slice(0, TRACEPARENT_CHARACTERS));
  }

  skipTo(offset: bigint): void {
    this.#emptySinceMs = null;
    this.queue.skipTo(this.end !== null && offset > this.end ? this.end : offset);
  }

  /** Where the broker said last that the partition ends; null before it said so. */
  get highWatermark(): bigint | null {
    return this.#highWatermark;
  }

  sawEnd(highWatermark: bigint): void {
    this.#highWatermark = highWatermark;
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
