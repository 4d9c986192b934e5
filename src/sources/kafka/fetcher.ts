import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DadinError } from '../../core/index.js';
import { kafkaFailure } from '../../kafka/index.js';
import type { Cluster, FetchedPartition } from './cluster.js';
import { committedRecords } from './committed-records.js';
import type { TopicReader } from './topic-reader.js';

/** Records decoded before others may run: some milliseconds. */
const SLICE_RECORDS = 512;
/** Waits between attempts while a broker does not answer. */
const RETRY_MS = { first: 100, most: 5_000 };

export interface FetchLimits {
  /** A partition is asked for while fewer bytes of it wait to be read; a single larger record still comes. */
  readonly maxBytesPerPartition: number;
  /** How long a broker may hold a question back when it has nothing. */
  readonly maxWaitMs: number;
}

/** What a fetcher tells. */
export interface FetcherEvents {
  /** A partition has records, or is known to have none. */
  arrived(): void;
  /** The broker no longer, or not yet, has the records at the positions asked for. */
  outOfRange(): Promise<void>;
  /** It did not answer, and is asked again; `sinceMs`: for how long by now. */
  failing(error: DadinError, sinceMs: number): void;
  /** Asking again would not help. */
  failed(error: unknown): void;
}

/**
 * Keeps the queues of partitions filled, one question at a time to each broker: for the partitions it leads that have
 * room. Nothing is asked for beyond the room, so a slow reader holds the fetching back.
 */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #readers: readonly TopicReader[];
  readonly #limits: FetchLimits;
  readonly #events: FetcherEvents;
  readonly #pumps = new Map<string, Promise<void>>();
  #room: (() => void)[] = [];
  #isClosed = false;

  constructor(cluster: Cluster, readers: readonly TopicReader[], limits: FetchLimits, events: FetcherEvents) {
    this.#cluster = cluster;
    this.#readers = readers;
    this.#limits = limits;
    this.#events = events;
  }

  start(): void {
    for (const nodeId of new Set(this.#readers.map((reader) => this.#leaderOf(reader)))) {
      if (nodeId === null || this.#pumps.has(nodeId)) continue;
      const pump = this.#pump(nodeId).finally(() => this.#pumps.delete(nodeId));
      this.#pumps.set(nodeId, pump);
      pump.catch((error: unknown) => this.#events.failed(error));
    }
  }

  /** A reader has taken something: there may be room to fetch more. */
  makeRoom(): void {
    for (const told of this.#room.splice(0)) told();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.makeRoom();
    await Promise.allSettled(this.#pumps.values());
  }

  /** Asks one broker until it leads nothing any more. */
  async #pump(nodeId: string): Promise<void> {
    let failingSinceMs: number | null = null;
    let waitMs = RETRY_MS.first;
    while (!this.#isClosed) {
      const led = this.#readers.filter((reader) => this.#leaderOf(reader) === nodeId && !reader.hasEnded);
      if (led.length === 0) return;
      const wanted = led.filter((reader) => reader.queue.bytes < this.#limits.maxBytesPerPartition);
      if (wanted.length === 0) {
        await new Promise<void>((resolve) => this.#room.push(resolve));
        continue;
      }
      try {
        await this.#fetch(nodeId, wanted, led.length > wanted.length);
        failingSinceMs = null;
        waitMs = RETRY_MS.first;
      } catch (error) {
        if (this.#isClosed) return;
        for (const reader of led) reader.lostSight();
        if ((error as { readonly type?: string }).type === 'OFFSET_OUT_OF_RANGE') {
          await this.#events.outOfRange();
          continue;
        }
        const failure = kafkaFailure(error, 'read');
        if (!failure.retryable) throw failure;
        failingSinceMs ??= performance.now();
        this.#events.failing(failure, performance.now() - failingSinceMs);
        await this.#sleep(waitMs);
        waitMs = Math.min(2 * waitMs, RETRY_MS.most);
        await this.#look();
      }
    }
  }

  async #fetch(nodeId: string, wanted: readonly TopicReader[], othersAreFull: boolean): Promise<void> {
    const { maxBytesPerPartition, maxWaitMs } = this.#limits;
    const askedMs = performance.now();
    const broker = await this.#cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: 1,
      // a full partition may soon have room: do not keep it waiting for the silence of the others
      maxWaitTime: othersAreFull ? Math.min(50, maxWaitMs) : maxWaitMs,
      minBytes: 1,
      maxBytes: maxBytesPerPartition,
      topics: wanted.map(({ topic, partition, queue }) => ({
        topic,
        partitions: [{ partition, fetchOffset: String(queue.fetchOffset), maxBytes: maxBytesPerPartition }],
      })),
    });
    for (const { topicName, partitions } of responses) {
      for (const fetched of partitions) {
        const reader = wanted.find((r) => r.topic === topicName && r.partition === fetched.partition);
        if (reader !== undefined) await this.#take(reader, fetched, askedMs, wanted.length === 1);
      }
    }
  }

  async #take(reader: TopicReader, fetched: FetchedPartition, askedMs: number, isAlone: boolean): Promise<void> {
    reader.sawEnd(BigInt(fetched.highWatermark));
    const records = committedRecords(fetched);
    await reader.prepare(records);
    for (let i = 0; i < records.length; i += SLICE_RECORDS) {
      if (this.#isClosed) return;
      reader.put(records.slice(i, i + SLICE_RECORDS));
      this.#events.arrived();
      if (i + SLICE_RECORDS < records.length) await nextTurn();
    }
    const last = fetched.messages.at(-1);
    if (last !== undefined) reader.skipTo(BigInt(last.offset) + 1n);
    else {
      // asked alone, there was room: a batch that compaction has emptied stands here. Its length is not told: step on.
      if (isAlone && reader.queue.fetchOffset < BigInt(fetched.lastStableOffset))
        reader.skipTo(reader.queue.fetchOffset + 1n);
      reader.sawNothing(BigInt(fetched.highWatermark), askedMs);
    }
    this.#events.arrived();
  }

  async #look(): Promise<void> {
    try {
      if (!this.#cluster.isConnected()) await this.#cluster.connect();
      await this.#cluster.refreshMetadata();
    } catch {
      return; // the next question says so
    }
    if (!this.#isClosed) this.start();
  }

  #leaderOf({ topic, partition }: TopicReader): string | null {
    const leader = this.#cluster.findTopicPartitionMetadata(topic).find((p) => p.partitionId === partition)?.leader;
    return leader === undefined || leader < 0 ? null : String(leader);
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#room.push(() => {
        if (!this.#isClosed) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
