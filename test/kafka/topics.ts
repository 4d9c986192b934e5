import { type Kafka, Partitioners } from 'kafkajs';
import { encodeJsonEvent } from '../../src/codec/index.js';
import { type ClickEvent, DOMAINS, type Domain } from '../../src/core/index.js';
import { createKafka } from '../../src/kafka/index.js';
import { createSyntheticSource, type SyntheticOptions } from '../../src/sources/synthetic/index.js';
import { connectionTo, errorsOnly, uniqueName } from './broker.js';

/** A topic a domain. */
export type Topics = Readonly<Record<Domain, string>>;

export function kafkaAt(brokers: readonly string[]): Kafka {
  return createKafka(connectionTo(brokers), errorsOnly);
}

/** Two topics of unique names. */
export async function createTopics(kafka: Kafka, partitions: number): Promise<Topics> {
  const topics = { target: uniqueName('ads'), source: uniqueName('news') };
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: Object.values(topics).map((topic) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: 1,
      // synthetic time lies in the past, and a broker deletes by the time of the records
      configEntries: [{ name: 'retention.ms', value: '-1' }],
    })),
    waitForLeaders: true,
  });
  await admin.disconnect();
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

/** Writes events as JSON, keyed by user, in order within each domain; sends of at most 500 messages. */
export async function produce(
  kafka: Kafka,
  topics: Topics,
  events: Readonly<Record<Domain, readonly ClickEvent[]>>,
): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const domain of DOMAINS) {
    const messages = events[domain].map((event) => ({
      key: event.userId,
      value: encodeJsonEvent(event),
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
