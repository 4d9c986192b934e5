import type { Config } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { createKafka, kafkaFailure, kafkaNotices } from '../src/kafka/index.js';
import { KafkaPublisher, missingTopics, TransactionalProducer } from '../src/sinks/kafka/index.js';
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
  const topics = [metricsTopic, predictionsTopic, deadLetterTopic].filter((topic) => topic !== null);
  if (topics.length === 0) return null;
  const { baseDirectory, isOwner, notice, stop } = options;
  const connection = await kafkaConnection(config.kafka, { env: process.env, baseDirectory });
  const kafka = createKafka(connection, kafkaNotices(notice));
  const producer = new TransactionalProducer(kafka, {
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
  try {
    await assertThere(kafka, topics);
  } catch (error) {
    await publisher.close();
    throw kafkaFailure(error, 'publish');
  }
  return publisher;
}

/** A topic that is not there would be waited for, as a broker that is away is; who mistyped its name wants to know. */
async function assertThere(kafka: ReturnType<typeof createKafka>, topics: readonly string[]): Promise<void> {
  const missing = await missingTopics(kafka, topics);
  if (missing.length === 0) return;
  throw new DadinError('DADIN_KAFKA_REFUSED', `no topic to publish to: ${missing.join(', ')}`, {
    step: 'publish',
    remedy: 'create it, or give us the right to see it; a learner creates no topics',
  });
}
