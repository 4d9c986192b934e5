import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';
import { DadinError } from '../../core/index.js';
import { isFenced } from '../../kafka/index.js';
import { cutBySize, type OutgoingRecord } from './outgoing-queue.js';

/** Brokers refuse batches of about 1 MB; a single record may be up to this long, and is then alone in its batch. */
const MAX_BATCH_BYTES = 900_000;

export interface TransactionalProducerOptions {
  readonly transactionalId: string;
  /** After which the brokers abort a transaction that was not ended, and fence whoever began it. */
  readonly transactionTimeoutMs: number;
  /** Whether this process is still the one that may publish. Asked before and after an id is taken again. */
  readonly isOwner: () => Promise<boolean>;
}

/**
 * One transaction after another under a transactional id. Taking the id fences whoever held it; being fenced is for good
 * (DADIN_FENCED). After any other failure the state of the open transaction is unknown: the id is taken anew, which aborts
 * it, but only while we are the owner; else a deposed owner would fence its successor.
 */
export class TransactionalProducer {
  readonly #kafka: Kafka;
  readonly #options: TransactionalProducerOptions;
  #producer: Producer | null = null;

  constructor(kafka: Kafka, options: TransactionalProducerOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  /** Takes the transactional id, unless it is held already. */
  async open(): Promise<void> {
    if (this.#producer !== null) return;
    await this.#assertOwner();
    const { transactionalId, transactionTimeoutMs } = this.#options;
    const producer = this.#kafka.producer({
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
      createPartitioner: Partitioners.DefaultPartitioner, // the one of the Java client
      allowAutoTopicCreation: false,
      retry: { retries: 5 },
    });
    try {
      await producer.connect();
      const empty = await producer.transaction(); // the first one takes the id
      await empty.abort();
      await this.#assertOwner(); // it may have moved meanwhile: then nothing has been published yet
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
    this.#producer = producer;
  }

  /** All records in their order, visible together to readers of committed records; or none of them. */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    await this.open();
    const producer = this.#producer!;
    const beganMs = Date.now();
    try {
      const transaction = await producer.transaction();
      for (const batch of cutBySize(records, MAX_BATCH_BYTES)) {
        await transaction.sendBatch({ topicMessages: byTopic(batch) });
      }
      await transaction.commit();
    } catch (error) {
      await this.close();
      const expired = Date.now() - beganMs >= this.#options.transactionTimeoutMs; // the brokers fence us for that, too
      if (isFenced(error) && !expired) throw this.#fenced(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.disconnect();
  }

  async #assertOwner(): Promise<void> {
    if (!(await this.#options.isOwner())) throw this.#fenced(undefined);
  }

  #fenced(cause: unknown): DadinError {
    const { transactionalId } = this.#options;
    return new DadinError('DADIN_FENCED', `another learner publishes as ${transactionalId} now`, {
      step: 'publish',
      remedy: 'nothing, where a standby took over; else give each learner a name of its own',
      cause,
    });
  }
}

function byTopic(records: readonly OutgoingRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of records) {
    const messages = topics.get(topic)?.messages ?? [];
    messages.push({ key, value, ...(headers === undefined ? {} : { headers: { ...headers } }) });
    topics.set(topic, { topic, messages });
  }
  return [...topics.values()];
}
