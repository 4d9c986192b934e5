import { setTimeout as sleep } from 'node:timers/promises';
import { DadinError } from '../../core/index.js';
import { kafkaFailure } from '../../kafka/index.js';
import type { Cluster } from './cluster.js';

/** A partition of a topic as the positions name it: `topic/0`. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** All partitions of the topics, topics as given, partitions by number. Empty for a topic that is not there. */
export function partitionsOf(cluster: Cluster, topics: readonly string[]): TopicPartition[] {
  return topics.flatMap((topic) =>
    cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => partitionId)
      .sort((a, b) => a - b)
      .map((partition) => ({ topic, partition })),
  );
}

/** How long leaders may take to be known: a topic just made, a broker just restarted. */
const ASK_FOR_MS = 15_000;
const ASK_EVERY_MS = 200;

/**
 * `first`: the oldest record kept. `end`: one beyond the newest that a reader of committed records sees. A number: the
 * first record at or after that time, ms, which is the end where there is none. In the order of `partitions`.
 */
export async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'first' | 'end' | number,
): Promise<bigint[]> {
  const untilMs = performance.now() + ASK_FOR_MS;
  for (;;) {
    try {
      const offsets = await askOffsets(cluster, partitions, at);
      if (typeof at !== 'number' || !offsets.includes(-1n)) return offsets;
      const ends = await askOffsets(cluster, partitions, 'end');
      return offsets.map((offset, i) => (offset === -1n ? ends[i]! : offset));
    } catch (error) {
      if (!kafkaFailure(error, 'read').retryable || performance.now() > untilMs) throw error;
      await sleep(ASK_EVERY_MS);
      await cluster.refreshMetadata();
    }
  }
}

async function askOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'first' | 'end' | number,
): Promise<bigint[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: partitions.filter((p) => p.topic === topic).map(({ partition }) => ({ partition })),
    ...(typeof at === 'number' ? { fromTimestamp: at } : { fromBeginning: at === 'first' }),
  }));
  const found = new Map(
    (await cluster.fetchTopicsOffset(topics)).flatMap((answer) =>
      answer.partitions.map(({ partition, offset }) => [nameOf({ topic: answer.topic, partition }), BigInt(offset)]),
    ),
  );
  return partitions.map((p) => {
    const offset = found.get(nameOf(p));
    if (offset !== undefined) return offset;
    throw new DadinError('DADIN_KAFKA_UNREACHABLE', `${nameOf(p)} has no leader`, { step: 'read', retryable: true });
  });
}
