import { CompressionTypes, type Kafka, Partitioners, type Producer } from 'kafkajs';

export interface ProducedEvent {
  readonly topic: string;
  /** The user: one user's events stay in order. */
  readonly key: string;
  readonly value: Buffer;
}

/** Writes click events, each once and in the order given, as producers of a user's own would. */
export class EventProducer {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async connect(kafka: Kafka): Promise<EventProducer> {
    const producer = kafka.producer({
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner, // the one of the Java client
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    return new EventProducer(producer);
  }

  /** Resolves once the brokers have them all. About 1 MB at most: brokers limit the bytes of a batch. */
  async send(events: readonly ProducedEvent[]): Promise<void> {
    const topics = [...new Set(events.map(({ topic }) => topic))];
    await this.#producer.sendBatch({
      compression: CompressionTypes.LZ4,
      topicMessages: topics.map((name) => ({
        topic: name,
        messages: events.filter(({ topic }) => topic === name).map(({ key, value }) => ({ key, value })),
      })),
    });
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}
