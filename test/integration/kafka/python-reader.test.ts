import { type Kafka, Partitioners } from 'kafkajs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KafkaLog, Scorer, VersionFollower, VersionTopic } from '../../../src/client/index.js';
import { createKafka } from '../../../src/kafka/index.js';
import { TransactionalProducer } from '../../../src/sinks/kafka/index.js';
import { connectionTo, errorsOnly, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { PublishingRun } from '../../unit/client/publishing-run.js';
import { expectSameLogits, pythonLacks } from '../python.js';

const missing = noKafka || pythonLacks('numpy', 'safetensors', 'xxhash', 'kafka');

describe.skipIf(missing)('a topic of model versions, read with public Python packages', () => {
  let kafka: Kafka;
  beforeAll(() => {
    kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);
  });

  it('gives the scores of what is committed, goes where a pin says, and passes over what is damaged', async () => {
    const topic = uniqueName('versions');
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
    await admin.disconnect();
    const producer = new TransactionalProducer(kafka, {
      transactionalId: topic,
      transactionTimeoutMs: 60_000,
      isOwner: async () => true,
    });
    const sink = new VersionTopic(new KafkaLog(kafka, topic, producer), 'm');
    const run = await PublishingRun.start(sink, ['publish.everySteps=5', 'publish.fullEvery=3'], 900);
    await run.toEnd();

    const scorer = await Scorer.create();
    const source = new VersionTopic(new KafkaLog(kafka, topic), 'm');
    const follower = new VersionFollower(source, scorer, (problem) => expect(problem).toBeNull());
    const followTo = async (number: number) => {
      while (scorer.version?.number !== number) {
        if (!(await follower.advance())) await new Promise((resolve) => setTimeout(resolve, 25));
      }
    };
    const kept = await sink.kept();
    const [older, newest] = [kept.at(-2)!, kept.at(-1)!];
    const args = [sharedBrokers[0]!, topic, 'm'];
    await followTo(newest.number);
    expectSameLogits(scorer, 'dadin_topic.py', args);

    // what an aborted transaction holds is no version's
    const writer = kafka.producer({
      transactionalId: uniqueName('aborted'),
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await writer.connect();
    const spoiled = {
      key: `m/${String(newest.number).padStart(8, '0')}/chunk/0000`,
      value: Buffer.from('not the chunk'),
    };
    const aborted = await writer.transaction();
    await aborted.send({ topic, messages: [spoiled] });
    await aborted.abort();
    expectSameLogits(scorer, 'dadin_topic.py', args);

    await sink.pin({ number: older.number, digest: older.digest, reason: 'bad day' });
    await followTo(older.number);
    expectSameLogits(scorer, 'dadin_topic.py', args);
    await sink.pin(null);

    // a committed one damages the newest version: the one before it is the newest that is whole
    const committed = await writer.transaction();
    await committed.send({ topic, messages: [spoiled] });
    await committed.commit();
    await writer.disconnect();
    expectSameLogits(scorer, 'dadin_topic.py', args);
    await source.close();
    await sink.close();
  });
});
