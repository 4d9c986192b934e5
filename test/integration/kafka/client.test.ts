import { CompressionTypes, Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/kafka/index.js';
import { connectionTo, errorsOnly, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';

describe.skipIf(noKafka)('the client on a real broker', () => {
  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('writes and reads record batches compressed with %s', async (name, compression) => {
    const kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);
    const topic = uniqueName(`codec-${name}`);
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const sent = Array.from({ length: 300 }, (_, i) => `${i} ${'the same words again '.repeat(i % 50)}`);
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, compression, messages: sent.map((value) => ({ value })) });
    await producer.disconnect();

    const received: string[] = [];
    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 250 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error); // a coordinator that still loads is no failure
      });
      void consumer.run({
        eachMessage: async ({ message }) => {
          received.push(message.value?.toString() ?? '');
          if (received.length === sent.length) resolve();
        },
      });
    });
    await consumer.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    expect(received).toEqual(sent);
  });
});
