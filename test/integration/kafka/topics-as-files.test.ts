import { describe, expect, it } from 'vitest';
import { noKafka, sharedBrokers } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, syntheticEvents, topicsConfig } from '../../kafka/topics.js';
import { replayInProcess } from '../pipeline/in-process.js';

// The same events in a topic and in a file make the same fold, however many partitions the topic has and however much is
// fetched at once.

const SYNTHETIC = { preset: 'test', seed: 3, events: 2500, sourceRatio: 1.5, messages: null } as const;

describe.skipIf(noKafka)('a bounded replay of topics', () => {
  it.each([1, 3, 8])('of %i partitions has the digest of the log itself, at three poll sizes', async (partitions) => {
    const kafka = kafkaAt(sharedBrokers);
    const events = await syntheticEvents(SYNTHETIC);
    const expected = await replayInProcess({ input: { synthetic: SYNTHETIC }, features: { shared: ['topic'] } }, []);
    const topics = await createTopics(kafka, partitions);
    await produce(kafka, topics, events);
    for (const maxBytesPerPartition of [2_000, 50_000, 1_048_576]) {
      const summary = await replayInProcess(topicsConfig(sharedBrokers, topics, { maxBytesPerPartition }), []);
      expect(summary).toMatchObject({ events: SYNTHETIC.events, deadLetters: 0, duplicates: 0 });
      expect(summary.digest).toBe(expected.digest);
    }
  });

  it('joins clicks that come as messages of their own, disordered and repeated, as the file replay does', async () => {
    const synthetic = { ...SYNTHETIC, messages: { ...MESSAGES, jitterMs: 20_000, duplicateShare: 0.05 } };
    const events = await syntheticEvents(synthetic);
    const ordering = ['ordering.outOfOrdernessMs=1200000'];
    const config = { input: { synthetic }, features: { shared: ['topic'] } };
    const expected = await replayInProcess(config, ordering);
    expect(expected).toMatchObject({ late: 0 });
    expect(expected.duplicates).toBeGreaterThan(20);
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 3);
    await produce(kafka, topics, events);
    const summary = await replayInProcess(topicsConfig(sharedBrokers, topics), ordering);
    expect(summary).toMatchObject({ events: expected.events, duplicates: expected.duplicates, late: 0 });
    expect(summary.digest).toBe(expected.digest);
  });
});

const MESSAGES = { clickDelayMeanMs: 600_000, jitterMs: 30_000, lateShare: 0, lateMs: 0, duplicateShare: 0.01 };
