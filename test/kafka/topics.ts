import { setTimeout as sleep } from 'node:timers/promises';
import { type Kafka, Partitioners } from 'kafkajs';
import { encodeJsonEvent } from '../../src/codec/index.js';
import { type ClickEvent, DOMAINS, type Domain } from '../../src/core/index.js';
import { createKafka } from '../../src/kafka/index.js';
import { createSyntheticSource, type SyntheticOptions } from '../../src/sources/synthetic/index.js';
import { connectionTo, errorsOnly, uniqueName } from './broker.js';
import { createAwaited } from './create-awaited.js';

/** A topic a domain. */
export type Topics = Readonly<Record<Domain, string>>;

export function kafkaAt(brokers: readonly string[]): Kafka {
  return createKafka(connectionTo(brokers), errorsOnly);
}

/** Two topics of unique names. */
export async function createTopics(kafka: Kafka, partitions: number): Promise<Topics> {
  const topics = { target: uniqueName('ads'), source: uniqueName('news') };
  await createAwaited(
    kafka,
    Object.values(topics).map((topic) => ({
      topic,
      numPartitions: partitions,
      // synthetic time lies in the past, and a broker deletes by the time of the records
      configEntries: [{ name: 'retention.ms', value: '-1' }],
    })),
  );
  return topics;
}

/** Every event of a synthetic stream, a list a domain, in its order. */
export async function syntheticEvents(options: SyntheticOptions): Promise<Readonly<Record<Domain, ClickEvent[]>>> {
  const source = createSyntheticSource(options);
  const events: Record<Domain, ClickEvent[]> = { target: [], source: [] };
  await source.open(source.partitions.map(() => 0n));
  for (const partition of source.partitions.keys()) {
    for (let last = false; !last; ) {
      const chunk = await source.read(partition, 4096);
      for (const record of chunk.records) if (record.ok) events[record.value.domain].push(record.value);
      last = chunk.last;
    }
  }
  await source.close();
  return events;
}

/**
 * Writes events, as JSON where nothing else is said, keyed by user, each once and in order within its domain, in sends of at most 500 messages. Waits for
 * brokers that are away.
 */
export async function produce(
  kafka: Kafka,
  topics: Topics,
  events: Readonly<Record<Domain, readonly ClickEvent[]>>,
  encode: (event: ClickEvent, index: number) => Buffer = encodeJsonEvent,
): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 100, maxRetryTime: 500 },
  });
  // an idempotent producer's first word is not tried again by the client
  for (;;) {
    const connected = await producer.connect().then(
      () => true,
      () => false,
    );
    if (connected) break;
    await sleep(200);
  }
  for (const domain of DOMAINS) {
    const messages = events[domain].map((event, i) => ({
      key: event.userId,
      value: encode(event, i),
      timestamp: String(event.eventTimeMs),
    }));
    for (let i = 0; i < messages.length; i += 500)
      await producer.send({ topic: topics[domain], messages: messages.slice(i, i + 500) });
  }
  await producer.disconnect();
}

/** The configuration's part that reads the topics. */
export function topicsConfig(brokers: readonly string[], topics: Topics, input: object = {}) {
  return {
    input: {
      kind: 'kafka',
      kafka: { topics: DOMAINS.map((domain) => ({ topic: topics[domain], domain })), ...input },
    },
    kafka: { brokers },
    features: { shared: ['topic'] },
  };
}
