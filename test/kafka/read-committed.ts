import type { Kafka } from 'kafkajs';
import { createAwaited } from './create-awaited.js';

export async function createTopic(kafka: Kafka, topic: string, numPartitions: number): Promise<string> {
  await createAwaited(kafka, [{ topic, numPartitions }]);
  return topic;
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: string | null;
  /** The value as it stands. */
  readonly bytes: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything a reader of committed records sees of a topic up to its end now; each partition in its order. */
export async function readCommitted(kafka: Kafka, topic: string): Promise<ReadRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)] as const),
  );
  await admin.disconnect();
  const read: ReadRecord[] = [];
  const consumer = kafka.consumer({ groupId: `read-${topic}-${process.hrtime.bigint()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const open = new Set([...ends].filter(([, end]) => end > 0n).map(([partition]) => partition));
  if (open.size > 0) {
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      // a transaction's marker is the last record of a partition and comes to nobody: ends are seen by batch
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (BigInt(payload.lastOffset) + 1n >= ends.get(payload.partition)!) open.delete(payload.partition);
        if (open.size === 0) resolve();
      });
      void consumer.run({
        eachBatch: async ({ batch }) => {
          for (const { offset, key, value, headers } of batch.messages) {
            read.push({
              partition: batch.partition,
              offset: BigInt(offset),
              key: key?.toString() ?? null,
              value: value?.toString() ?? null,
              bytes: value === null ? null : Buffer.from(value),
              headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])),
            });
          }
        },
      });
    });
  }
  await consumer.disconnect();
  return read;
}

/** What stands under each key. @throws Error where a key stands twice and says another thing */
export function ledger(records: readonly ReadRecord[]): Map<string | null, string | null> {
  const byKey = new Map<string | null, string | null>();
  for (const { key, value } of records) {
    if (byKey.has(key) && byKey.get(key) !== value) throw new Error(`${key} stands twice and differs`);
    byKey.set(key, value);
  }
  return byKey;
}
