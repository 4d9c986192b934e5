import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalPath } from '../../../src/checkpoint/index.js';
import { DOMAINS } from '../../../src/core/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

describe.skipIf(noKafka)('topics that are given more partitions', () => {
  it('are read whole from then on, and a replay by the journal comes to the same', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 1);
    const events = await drillEvents(3000);
    const half = (from: number, to: number) => ({
      target: events.target.slice(from, to),
      source: events.source.slice(from, to),
    });
    await produce(kafka, topics, half(0, 750));
    const checkpoints = join(temporaryDirectory('grown'), 'checkpoints');
    const input = { groupId: uniqueName('grown'), idleTimeoutMs: 500, discoverEveryMs: 200 };
    const config = topicsConfig(sharedBrokers, topics, input);
    const hears = { started() {}, grown() {} };
    const started = new Promise<void>((resolve) => {
      hears.started = resolve;
    });
    const grown = new Promise<void>((resolve) => {
      hears.grown = resolve;
    });
    const live = runInProcess(config, checkpoints, [], {
      observer: {
        started: () => hears.started(),
        notice(message) {
          if (message.includes('topics have grown')) hears.grown();
        },
      },
    });
    await started;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: DOMAINS.map((domain) => ({ topic: topics[domain], count: 3 })) });
    await admin.disconnect();
    await grown;
    await produce(kafka, topics, half(750, 3000));
    live.stop();
    await live.finished;
    const rest = await runInProcess(config, checkpoints, ['input.kafka.stop=end']).finished;
    expect(rest!.events + rest!.late).toBe(3000);

    const again = await replayInProcess(config, ['batching.size=16'], '.', undefined, journalPath(checkpoints));
    expect(outcome(again)).toEqual(outcome(rest!));
  });
});
