import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka } from 'kafkajs';
import { DadinError } from '../core/index.js';
import { kafkaFailure } from '../kafka/index.js';
import type { LogRecord, RecordLog } from '../versions/index.js';

/** Sends records to a topic, each `send` visible whole or not at all. */
export interface RecordProducer {
  send(records: readonly { topic: string; key: string; value: Buffer | null }[]): Promise<void>;
  close(): Promise<void>;
}

/** How long a fetch waits for something new, in milliseconds. */
const MAX_WAIT_MS = 100;

/**
 * A topic of one partition as a log of records. Reads committed records only, in a group of its own that commits nothing,
 * so that any number of readers see all of it.
 */
export class KafkaLog implements RecordLog {
  readonly name: string;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #producer: RecordProducer | null;
  #reader: Reader | null = null;

  /** `producer`: null where nothing is to be written. */
  constructor(kafka: Kafka, topic: string, producer: RecordProducer | null = null) {
    this.name = topic;
    this.#kafka = kafka;
    this.#topic = topic;
    this.#producer = producer;
  }

  async append({ key, value }: LogRecord): Promise<void> {
    if (this.#producer === null) throw new Error(`${this.#topic} is read only here`);
    await this.#producer.send([{ topic: this.#topic, key, value: value === null ? null : Buffer.from(value) }]);
  }

  async read(): Promise<readonly LogRecord[]> {
    try {
      this.#reader ??= await Reader.open(this.#kafka, this.#topic);
      return await this.#reader.take();
    } catch (error) {
      this.rewind(); // what was read counts once, however often it comes
      throw kafkaFailure(error, 'subscribe');
    }
  }

  rewind(): void {
    const reader = this.#reader;
    this.#reader = null;
    reader?.close().catch(() => {}); // it is read from the beginning again, whatever became of this reader
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
    await this.#producer?.close();
  }
}

/** From the beginning of a topic on. */
class Reader {
  readonly #consumer: Consumer;
  #records: LogRecord[] = [];
  #failure: Error | null = null;
  readonly #reachedEnd: Promise<void>;

  private constructor(consumer: Consumer, end: bigint) {
    this.#consumer = consumer;
    this.#reachedEnd = new Promise((resolve) => {
      if (end === 0n) resolve();
      // markers of transactions come to nobody: the end is seen by batch
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (BigInt(payload.lastOffset) + 1n >= end) resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (payload.restart) return;
        this.#failure = payload.error;
        resolve();
      });
    });
  }

  static async open(kafka: Kafka, topic: string): Promise<Reader> {
    const end = await endOf(kafka, topic);
    const groupId = `dadin-versions-${randomUUID()}`;
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS });
    const reader = new Reader(consumer, end);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages) {
          reader.#records.push({ key: key?.toString('utf8') ?? '', value: value && Uint8Array.from(value) });
        }
      },
    });
    return reader;
  }

  /** The first call waits for the end that there was when it was opened. */
  async take(): Promise<readonly LogRecord[]> {
    await this.#reachedEnd;
    if (this.#failure !== null) throw this.#failure;
    const records = this.#records;
    this.#records = [];
    return records;
  }

  async close(): Promise<void> {
    await this.#consumer.stop(); // first: a fetch under way would write to a closed connection
    await this.#consumer.disconnect();
  }
}

/** The position after the newest record. Versions have an order only in a topic of one partition. */
async function endOf(kafka: Kafka, topic: string): Promise<bigint> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    if (offsets.length !== 1) {
      throw new DadinError('DADIN_VERSION_UNREADABLE', `${topic} has ${offsets.length} partitions`, {
        step: 'subscribe',
        expected: 'one partition and cleanup.policy=compact',
        remedy: 'make a topic with one partition for model versions',
      });
    }
    return BigInt(offsets[0]!.high);
  } finally {
    await admin.disconnect();
  }
}
