import { beforeAll, describe, expect, it } from 'vitest';
import { connectTopics } from '../../../pipelines/kafka-input.js';
import { parseConfig } from '../../../src/config/index.js';
import type { EventSource } from '../../../src/core/index.js';
import { EVENT_SOURCE_LAWS } from '../../conformance/event-source-laws.js';
import { noKafka, sharedBrokers } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, syntheticEvents, topicsConfig } from '../../kafka/topics.js';

describe.skipIf(noKafka)('event source kafka', () => {
  let connect: () => Promise<EventSource> = () => Promise.reject(new Error('no topics yet'));

  beforeAll(async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    await produce(
      kafka,
      topics,
      await syntheticEvents({ preset: 'test', events: 900, seed: 3, sourceRatio: 1, messages: null }),
    );
    const config = parseConfig(JSON.stringify(topicsConfig(sharedBrokers, topics)), 'test', { env: {} });
    const notice = (message: string): never => {
      throw new Error(message);
    };
    connect = () => connectTopics(config, { baseDirectory: '.', bounded: true, notice });
  });

  it.each(EVENT_SOURCE_LAWS)('%s', async (_, holds) => {
    await holds(() => connect());
  });

  it('tells where the broker says that each partition ends, from which lag follows', async () => {
    const source = await connect();
    try {
      await source.open(source.partitions.map(({ start }) => start ?? 0n));
      for (const [i, { expectedRecords }] of source.partitions.entries()) {
        await source.read(i, 1);
        expect(source.endOf?.(i)).toBe(BigInt(expectedRecords!));
      }
    } finally {
      await source.close();
    }
  });
});
