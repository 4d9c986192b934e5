import type { Consumer, Kafka } from 'kafkajs';
import type { EventDecoder } from '../../codec/index.js';
import {
  bug,
  DadinError,
  type EventChunk,
  type EventSource,
  type LiveNews,
  type SourcePartition,
} from '../../core/index.js';
import { kafkaFailure } from '../../kafka/index.js';
import { type Cluster, readerOf } from './cluster.js';
import { Fetcher, type FetchLimits } from './fetcher.js';
import { checkPositions } from './lost-positions.js';
import { withPatience } from './patience.js';
import { Signal } from './signal.js';
import { type StartRule, startOffsets } from './start.js';
import { type StopRule, stopOffsets } from './stop.js';
import { nameOf, offsetsAt, partitionsOf, type TopicPartition } from './topic-offsets.js';
import { TopicReader } from './topic-reader.js';

export interface TopicOptions {
  readonly topic: string;
  readonly decode: EventDecoder;
  /** Awaited before records are decoded: looks up what their decoder needs. What may pass is tried again. */
  readonly prepare?: (messages: Iterable<Uint8Array>) => Promise<void>;
}

export interface KafkaSourceOptions extends FetchLimits {
  readonly topics: readonly TopicOptions[];
  readonly start: StartRule;
  readonly stop: StopRule;
  /** A position whose record is gone: an error, or go on with the oldest that is kept. */
  readonly onLost: 'fail' | 'earliest';
  /** Brokers that do not answer for so long, in ms, are an error; null: they are waited for. */
  readonly giveUpAfterMs: number | null;
  /** How often to look for new partitions; null: never. */
  readonly discoverEveryMs: number | null;
  readonly notice: (message: string) => void;
}

/** Notice of brokers that do not answer, and again after so long. */
const NOTICE_EVERY_MS = 10_000;

/** What is not confirmed for so long is not known. */
const FRESH_MS = 5_000;

/**
 * Events of Kafka topics, one partition each `topic/partition`, positions are offsets. Reads what is asked for, in the
 * order of the log, committed records only; it is no member of a group, so nothing that happens to one disturbs it.
 *
 * @throws DadinError DADIN_SOURCE_NOT_FOUND, DADIN_KAFKA_UNREACHABLE, DADIN_KAFKA_REFUSED, DADIN_POSITION_LOST
 */
export class KafkaSource implements EventSource, LiveNews {
  readonly name: string;
  readonly partitions: readonly SourcePartition[];
  readonly #consumer: Consumer;
  readonly #cluster: Cluster;
  readonly #options: KafkaSourceOptions;
  readonly #ends: readonly (bigint | null)[];
  readonly #topicPartitions: readonly TopicPartition[];
  readonly #news = new Signal();
  readonly #grown = new AbortController();
  #readers: TopicReader[] = [];
  #fetcher: Fetcher | null = null;
  #failure: unknown = null;
  #noticedMs = 0;
  #recordsLeft: number;
  #quietSinceMs = performance.now();
  #confirmedMs = performance.now();
  #discovery: NodeJS.Timeout | null = null;

  private constructor(
    consumer: Consumer,
    cluster: Cluster,
    options: KafkaSourceOptions,
    partitions: readonly TopicPartition[],
    starts: readonly bigint[],
    ends: readonly (bigint | null)[],
  ) {
    this.name = options.topics.map(({ topic }) => topic).join(' + ');
    this.#consumer = consumer;
    this.#cluster = cluster;
    this.#options = options;
    this.#topicPartitions = partitions;
    this.#ends = ends;
    this.partitions = partitions.map((partition, i) => ({
      name: nameOf(partition),
      expectedRecords: ends[i] === null || ends[i] === undefined ? null : Number(ends[i]),
      start: starts[i]!,
    }));
    const { stop } = options;
    this.#recordsLeft = typeof stop === 'object' && 'records' in stop ? stop.records : Number.POSITIVE_INFINITY;
  }

  /** Connects, finds the partitions and where they begin and end. */
  static async connect(kafka: Kafka, options: KafkaSourceOptions): Promise<KafkaSource> {
    const { consumer, cluster } = readerOf(kafka);
    const names = options.topics.map(({ topic }) => topic);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: names });
      const partitions = partitionsOf(cluster, names);
      const starts = await startOffsets(cluster, partitions, options.start);
      const ends = await stopOffsets(cluster, partitions, options.stop);
      return new KafkaSource(consumer, cluster, options, partitions, starts, ends);
    } catch (cause) {
      await consumer.disconnect().catch(() => {}); // it is not connected, which is what went wrong
      throw cause instanceof DadinError ? cause : connectionError(names, cause);
    }
  }

  async open(from: readonly bigint[]): Promise<void> {
    const firsts = await offsetsAt(this.#cluster, this.#topicPartitions, 'first');
    const ends = await offsetsAt(this.#cluster, this.#topicPartitions, 'end');
    const { topics, onLost, notice, discoverEveryMs } = this.#options;
    const positions = checkPositions(this.partitions, from, firsts, ends, onLost, notice);
    this.#readers = this.#topicPartitions.map((partition, i) => {
      const options = topics.find(({ topic }) => topic === partition.topic) ?? bug('a topic that nobody asked for');
      const reader = new TopicReader(partition, options, from[i]!, this.#ends[i]!);
      reader.skipTo(positions[i]!);
      return reader;
    });
    this.#fetcher = new Fetcher(this.#cluster, this.#readers, this.#options, {
      arrived: () => {
        this.#confirmedMs = performance.now();
        this.#news.raise();
      },
      outOfRange: () => this.#recover(),
      failing: (error, sinceMs) => this.#isFailing(error, sinceMs),
      failed: (error) => this.#fail(error),
    });
    this.#quietSinceMs = performance.now();
    this.#fetcher.start();
    if (discoverEveryMs !== null) this.#discovery = setInterval(() => this.#discover(), discoverEveryMs);
  }

  async read(partition: number, maxRecords: number): Promise<EventChunk> {
    const reader = this.#readers[partition] ?? bug(`partition ${partition} is read before it is open`);
    while (!this.isReady(partition)) await this.#news.next(1_000);
    if (this.#failure !== null) throw this.#failure;
    const { first, records } = reader.queue.take(Math.min(maxRecords, this.#recordsLeft));
    if (records.length > 0) {
      this.#recordsLeft -= records.length;
      this.#quietSinceMs = performance.now();
    }
    this.#fetcher?.makeRoom();
    return { partition, first, records, last: this.#isAtEnd(reader), producers: reader.takeProducers() };
  }

  endOf(partition: number): bigint | null {
    return this.#readers[partition]?.highWatermark ?? null;
  }

  isReady(partition: number): boolean {
    const reader = this.#readers[partition];
    return this.#failure !== null || (reader !== undefined && (!reader.queue.isEmpty || this.#isAtEnd(reader)));
  }

  emptyForMs(partition: number): number | null {
    const sinceMs = this.#readers[partition]?.emptySinceMs ?? null;
    const nowMs = performance.now();
    return sinceMs === null || nowMs - this.#confirmedMs > FRESH_MS ? null : nowMs - sinceMs;
  }

  async changed(withinMs: number): Promise<void> {
    await this.#news.next(withinMs);
  }

  /** Aborted once the topics have partitions that this source does not read: open a new one. */
  get grown(): AbortSignal {
    return this.#grown.signal;
  }

  async close(): Promise<void> {
    if (this.#discovery !== null) clearInterval(this.#discovery);
    const fetching = this.#fetcher?.close();
    await withPatience(this.#consumer.disconnect()); // a question under way ends with its connection
    await withPatience(Promise.resolve(fetching));
  }

  #isAtEnd(reader: TopicReader): boolean {
    if (!reader.queue.isEmpty) return this.#recordsLeft === 0;
    if (reader.hasEnded || this.#recordsLeft === 0) return true;
    const { stop } = this.#options;
    return (
      typeof stop === 'object' &&
      'idleMs' in stop &&
      this.#readers.every(({ emptySinceMs }) => emptySinceMs !== null) &&
      performance.now() - this.#quietSinceMs >= stop.idleMs
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#news.raise();
  }

  #isFailing(error: DadinError, sinceMs: number): void {
    const { giveUpAfterMs, notice } = this.#options;
    if (giveUpAfterMs !== null && sinceMs > giveUpAfterMs) {
      this.#fail(error);
      return;
    }
    const nowMs = performance.now();
    if (sinceMs === 0 || nowMs - this.#noticedMs < NOTICE_EVERY_MS) return;
    this.#noticedMs = nowMs;
    notice(`reading waits, for ${Math.round(sinceMs / 1000)} s now: ${error.message}`);
  }

  /** Some position is no longer, or not yet, in its log. */
  async #recover(): Promise<void> {
    try {
      const firsts = await offsetsAt(this.#cluster, this.#topicPartitions, 'first');
      const ends = await offsetsAt(this.#cluster, this.#topicPartitions, 'end');
      const fetching = this.#readers.map(({ queue }) => queue.fetchOffset);
      const { onLost, notice } = this.#options;
      const positions = checkPositions(this.partitions, fetching, firsts, ends, onLost, notice);
      for (const [i, reader] of this.#readers.entries()) reader.skipTo(positions[i]!);
    } catch (error) {
      if (error instanceof DadinError) this.#fail(error); // else the broker went away: the next question will show
    }
  }

  #discover(): void {
    const names = this.#options.topics.map(({ topic }) => topic);
    this.#cluster.refreshMetadata().then(
      () => {
        if (partitionsOf(this.#cluster, names).length > this.#topicPartitions.length) this.#grown.abort();
      },
      () => {}, // the fetcher notices brokers that do not answer
    );
  }
}

function connectionError(topics: readonly string[], cause: unknown): DadinError {
  const { type } = cause as { readonly type?: string };
  if (type !== 'UNKNOWN_TOPIC_OR_PARTITION') return kafkaFailure(cause, 'read');
  return new DadinError('DADIN_SOURCE_NOT_FOUND', `no topic ${topics.join(' or ')}`, {
    step: 'read',
    remedy: 'create the topics, or name others in input.kafka.topics',
    cause,
  });
}
