import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KAFKA_VERSIONS } from '../../../ops/kafka/jars.js';
import { temporaryDirectory } from '../../drills/command-line.js';
import { runInProcess } from '../../drills/kafka/in-process.js';
import { drillEvents, outcome } from '../../drills/kafka/live-run.js';
import { noJava, noKafka, startCluster, uniqueName } from '../../kafka/broker.js';
import { createTopic, ledger, readCommitted } from '../../kafka/read-committed.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { replayInProcess } from '../pipeline/in-process.js';

const OLDER = KAFKA_VERSIONS[1];
const EVENTS = 1000;

describe.skipIf(noKafka || noJava)(`Kafka ${OLDER}`, () => {
  it('is read, joined, published to and gone on from as the newer one', async () => {
    const { cluster, remove } = await startCluster(1, { version: OLDER });
    try {
      const kafka = kafkaAt(cluster.brokers);
      const topics = await createTopics(kafka, 2);
      const predictionsTopic = await createTopic(kafka, uniqueName('predictions'), 1);
      await produce(kafka, topics, await drillEvents(EVENTS));
      const name = uniqueName('older');
      const config = { ...topicsConfig(cluster.brokers, topics, { groupId: name, idleTimeoutMs: 600_000 }), name };
      const checkpoints = join(temporaryDirectory('older'), 'c');
      const live = (stop: string) =>
        runInProcess({ ...config, sinks: { kafka: { predictionsTopic } } }, checkpoints, [`input.kafka.stop=${stop}`])
          .finished;
      expect(await live('end')).toMatchObject({ resumedFrom: null, events: EVENTS });
      const summary = await live('end');
      expect(summary!.resumedFrom).not.toBeNull();
      expect(outcome(summary!)).toEqual(outcome(await replayInProcess(config, ['batching.size=16'])));
      const published = ledger(await readCommitted(kafka, predictionsTopic));
      expect(published.size).toBeGreaterThan(EVENTS / 4);
    } finally {
      await remove();
    }
  });
});
