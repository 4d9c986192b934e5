import type { Consumer, Kafka } from 'kafkajs';

/** A record as the client decodes it. Keys and values are views into the whole answer. */
export interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
  /** A transaction's marker, not a record. */
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface FetchedPartition {
  readonly partition: number;
  /** Offset of the record to be written next. */
  readonly highWatermark: string;
  /** Up to here no transaction is open: what a reader of committed records can see. */
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  readonly messages: readonly FetchedRecord[];
}

interface Broker {
  fetch(request: {
    readonly replicaId: -1;
    readonly isolationLevel: 1;
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }): Promise<{
    readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
  }>;
}

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** What we use of kafkajs 2.2.4's cluster; the integration tests would notice another one. */
export interface Cluster {
  isConnected(): boolean;
  connect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  /** Offsets by leader: of the first record, of the end that can be read, or of the first record at or after a time (-1: none). */
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning?: boolean;
      readonly fromTimestamp?: number;
    }[],
  ): Promise<readonly TopicOffsets[]>;
}

/**
 * A connection for reading topics without being a member of a group. The client has none of its own; but whoever makes a
 * partition assigner is handed the cluster, and a consumer that never runs joins no group.
 */
export function readerOf(kafka: Kafka): { readonly consumer: Consumer; readonly cluster: Cluster } {
  let cluster: Cluster | null = null;
  const consumer = kafka.consumer({
    groupId: 'none',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster as unknown as Cluster;
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  return { consumer, cluster: cluster! };
}
