import type { Config } from '../src/config/index.js';
import { createKafka, kafkaNotices } from '../src/kafka/index.js';
import { KafkaPublisher, TransactionalProducer } from '../src/sinks/kafka/index.js';
import { kafkaConnection } from './kafka-connection.js';

/** Brokers end a transaction that takes longer: ours take milliseconds, unless this process was frozen. */
const TRANSACTION_TIMEOUT_MS = 60_000;

export interface KafkaOutputsOptions {
  readonly baseDirectory: string;
  /** Whether this process may still publish; see `TransactionalProducer`. */
  readonly isOwner: () => Promise<boolean>;
  readonly notice: (message: string) => void;
  readonly stop: AbortSignal;
}

/**
 * What publishes to the topics of `sinks.kafka`, its transactional id taken; null where there are none.
 *
 * @throws DadinError DADIN_KAFKA_REFUSED, DADIN_FENCED, or DADIN_KAFKA_UNREACHABLE when stopped while brokers are away
 */
export async function openKafkaPublisher(config: Config, options: KafkaOutputsOptions): Promise<KafkaPublisher | null> {
  const { metricsTopic, predictionsTopic, deadLetterTopic, maxQueuedBytes } = config.sinks.kafka;
  if (metricsTopic === null && predictionsTopic === null && deadLetterTopic === null) return null;
  const { baseDirectory, isOwner, notice, stop } = options;
  const connection = await kafkaConnection(config.kafka, { env: process.env, baseDirectory });
  const producer = new TransactionalProducer(createKafka(connection, kafkaNotices(notice)), {
    transactionalId: `dadin-stream-${config.name}`,
    transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    isOwner,
  });
  let told: string | null = null;
  const publisher = new KafkaPublisher(producer, {
    maxQueuedBytes,
    onHeld(reason) {
      if (reason !== told) notice(reason === null ? 'publishing goes on' : `publishing waits: ${reason}`);
      told = reason;
    },
    stop,
  });
  await publisher.open();
  return publisher;
}
