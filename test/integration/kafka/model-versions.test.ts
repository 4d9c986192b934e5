import type { Kafka } from 'kafkajs';
import { beforeAll, describe, expect, it } from 'vitest';
import { keptVersions } from '../../../pipelines/kept-versions.js';
import { type DadinError, KafkaLog, Scorer, VersionFollower, VersionTopic } from '../../../src/client/index.js';
import { parseConfig } from '../../../src/config/index.js';
import { createKafka } from '../../../src/kafka/index.js';
import { TransactionalProducer } from '../../../src/sinks/kafka/index.js';
import { encodeServing } from '../../../src/versions/index.js';
import { connectionTo, errorsOnly, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { PublishingRun } from '../../unit/client/publishing-run.js';

const KEYS = ['publish.everySteps=5', 'publish.fullEvery=3'];

describe.skipIf(noKafka)('model versions on a topic of a real broker', () => {
  let kafka: Kafka;
  beforeAll(() => {
    kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);
  });

  async function topicOf(partitions: number): Promise<string> {
    const topic = uniqueName('versions');
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
    await admin.disconnect();
    return topic;
  }

  const writer = (topic: string) =>
    new VersionTopic(
      new KafkaLog(
        kafka,
        topic,
        new TransactionalProducer(kafka, {
          transactionalId: topic,
          transactionTimeoutMs: 60_000,
          isOwner: async () => true,
        }),
      ),
      'm',
    );

  const reader = async (topic: string) => {
    const problems: DadinError[] = [];
    const scorer = await Scorer.create();
    const source = new VersionTopic(new KafkaLog(kafka, topic), 'm');
    const follower = new VersionFollower(source, scorer, (problem) => problems.push(problem));
    return { scorer, source, follower, problems };
  };

  async function follow(follower: VersionFollower, isThere: () => boolean): Promise<void> {
    for (let k = 0; k < 400 && !isThere(); k++) {
      if (!(await follower.advance())) await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(isThere()).toBe(true);
  }

  it('a reader follows while they are published; one that comes later has the same model', async () => {
    const topic = await topicOf(1);
    const sink = writer(topic);
    const run = await PublishingRun.start(sink, KEYS, 900);
    const early = await reader(topic);
    let published = 0;
    while (await run.toNextVersion()) {
      published++;
      await follow(early.follower, () => early.scorer.version?.number === published);
    }
    expect(published).toBeGreaterThan(5);
    const late = await reader(topic);
    await follow(late.follower, () => late.scorer.version?.number === published);
    expect(encodeServing(late.scorer.whole('')).equals(encodeServing(early.scorer.whole('')))).toBe(true);

    const overrides = [`kafka.brokers=[${sharedBrokers.join(',')}]`, `publish.topic=${topic}`, 'publish.name=m'];
    const config = parseConfig('', 'test', { env: {}, overrides });
    const listed = await keptVersions(config, { baseDirectory: '.', notice: () => {} });
    expect(listed.models.map(({ name }) => name)).toEqual((await sink.kept()).map(({ number }) => `model ${number}`));
    expect(listed.models.at(-1)).toMatchObject({ name: `model ${published}`, parent: String(published - 1) });

    await sink.pin({ ...(await sink.kept()).at(-2)!, reason: 'bad day' });
    await follow(late.follower, () => late.scorer.version?.number === published - 1);
    await sink.pin(null);
    await follow(late.follower, () => late.scorer.version?.number === published);
    expect([...early.problems, ...late.problems]).toEqual([]);
    await Promise.all([early.source.close(), late.source.close(), sink.close()]);
  });

  it('a topic of several partitions has no order and is refused', async () => {
    const source = new VersionTopic(new KafkaLog(kafka, await topicOf(2)), 'm');
    await expect(source.poll()).rejects.toMatchObject({ code: 'DADIN_VERSION_UNREADABLE' });
    await source.close();
  });
});
