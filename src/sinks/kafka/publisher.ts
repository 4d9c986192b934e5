import { setTimeout as sleep } from 'node:timers/promises';
import { DadinError } from '../../core/index.js';
import { kafkaFailure } from '../../kafka/index.js';
import { OutgoingQueue, type OutgoingRecord } from './outgoing-queue.js';
import type { TransactionalProducer } from './transactional-producer.js';

type Producer = Pick<TransactionalProducer, 'open' | 'send' | 'close'>;

/** Of one transaction; what is longer is cut into several. */
const TRANSACTION_BYTES = 4 << 20;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

export interface PublisherOptions {
  /** Beyond this, `room` holds the pipeline. */
  readonly maxQueuedBytes: number;
  /** Told why nothing is published at the moment; null once it goes on. */
  readonly onHeld: (reason: string | null) => void;
  /** Aborted: what cannot be published now is given up, with an error. */
  readonly stop: AbortSignal;
}

/**
 * Everything a learner publishes to Kafka, in the order it was added, through one producer. Brokers that are away hold it
 * and are waited for; a refusal or a successor ends it, and then every call rejects.
 */
export class KafkaPublisher {
  readonly #producer: Producer;
  readonly #options: PublisherOptions;
  readonly #queue = new OutgoingQueue();
  #waiting: { readonly until: () => boolean; readonly resolve: () => void; readonly reject: (e: unknown) => void }[] =
    [];
  #sending: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(producer: Producer, options: PublisherOptions) {
    this.#producer = producer;
    this.#options = options;
  }

  /** Takes the transactional id, which fences a predecessor; waits for brokers that are away. */
  async open(): Promise<void> {
    await this.#persistently(() => this.#producer.open());
  }

  add(record: OutgoingRecord): void {
    this.#queue.push(record);
    this.#sending ??= this.#sendAll();
  }

  /** Resolves once little enough is queued. */
  async room(): Promise<void> {
    await this.#wait(() => this.#queue.bytes <= this.#options.maxQueuedBytes);
  }

  /** Resolves once everything added so far, and since, is committed. */
  async flushed(): Promise<void> {
    await this.#wait(() => this.#queue.isEmpty);
  }

  /** Gives up what is not committed; `flushed` first keeps it. */
  async close(): Promise<void> {
    this.#fail(new DadinError('DADIN_BUG', 'the publisher is closed', { step: 'publish' }));
    await this.#sending;
    await this.#producer.close();
  }

  async #wait(until: () => boolean): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (until()) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ until, resolve, reject }));
  }

  async #sendAll(): Promise<void> {
    try {
      while (!this.#queue.isEmpty && this.#failure === null) {
        const records = this.#queue.head(TRANSACTION_BYTES);
        await this.#persistently(() => this.#producer.send(records));
        this.#queue.drop(records.length);
        const waiting = this.#waiting;
        this.#waiting = waiting.filter(({ until }) => !until());
        for (const { until, resolve } of waiting) if (until()) resolve();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#sending = null;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  /** Until it succeeds, is refused or is to stop. The client's own retries end after seconds; outages last longer. */
  async #persistently(attempt: () => Promise<void>): Promise<void> {
    const { onHeld, stop } = this.#options;
    let held = false;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
      try {
        await attempt();
        if (held) onHeld(null);
        return;
      } catch (error) {
        const failure = kafkaFailure(error, 'publish');
        if (!failure.retryable || stop.aborted || this.#failure !== null) throw failure;
        held = true;
        onHeld(failure.message);
        await sleep(waitMs, undefined, { signal: stop }).catch(() => {}); // aborted: one last attempt
      }
    }
  }
}
