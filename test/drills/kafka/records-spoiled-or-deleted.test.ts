import { join } from 'node:path';
import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { encodeJsonEvent } from '../../../src/codec/index.js';
import { DOMAINS } from '../../../src/core/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents } from './live-run.js';

const END = 'input.kafka.stop=end';

describe.skipIf(noKafka)('records of a topic', () => {
  it('that are no events, transactions that were aborted and markers: each is accounted for once', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 1);
    const events = await drillEvents(1500);
    const producer = kafka.producer({
      transactionalId: uniqueName('spoiler'),
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 10 },
    });
    await producer.connect();
    let spoiled = 0;
    for (const domain of DOMAINS) {
      for (let i = 0; i < events[domain].length; i += 250) {
        const messages = events[domain].slice(i, i + 250).map((event) => ({ value: encodeJsonEvent(event) }));
        const good = await producer.transaction();
        await good.send({ topic: topics[domain], messages: [...messages, { value: 'poison' }, { value: null }] });
        await good.commit();
        spoiled += 2;
        const bad = await producer.transaction();
        await bad.send({ topic: topics[domain], messages: messages.slice(0, 20) });
        await bad.abort();
      }
    }
    await producer.disconnect();
    const config = topicsConfig(sharedBrokers, topics, { groupId: uniqueName('spoiled') });
    const summary = await runInProcess(config, join(temporaryDirectory('spoiled'), 'c'), [END]).finished;
    expect(summary).toMatchObject({ events: 1500, deadLetters: spoiled, late: 0, duplicates: 0 });
    const clean = await createTopics(kafka, 1);
    await produce(kafka, clean, events);
    const undisturbed = await replayInProcess(topicsConfig(sharedBrokers, clean), ['batching.size=16']);
    expect(summary!.domains).toEqual(undisturbed.domains);
  });

  it('that retention deleted unread stop the run, or are told and passed over where that is configured', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 1);
    const { target, source } = await drillEvents(2000);
    const checkpoints = join(temporaryDirectory('retention'), 'checkpoints');
    const config = topicsConfig(sharedBrokers, topics, { groupId: uniqueName('retention') });
    await produce(kafka, topics, { target: target.slice(0, 500), source: source.slice(0, 500) });
    await runInProcess(config, checkpoints, [END]).finished;

    await produce(kafka, topics, { target: target.slice(500), source: source.slice(500) });
    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topics.target); // the client needs it first
    await admin.deleteTopicRecords({ topic: topics.target, partitions: [{ partition: 0, offset: '600' }] });
    await admin.disconnect();

    await expect(runInProcess(config, checkpoints, [END]).finished).rejects.toMatchObject({
      code: 'DADIN_POSITION_LOST',
      details: { partition: `${topics.target}/0`, position: 500n },
    });
    const going = runInProcess(config, checkpoints, [END, 'input.kafka.onLost=earliest']);
    const summary = await going.finished;
    // one topic was ahead of the other where the first run came to its end
    expect(summary!.events + summary!.late).toBe(2000 - 100);
    expect(going.notices.filter((notice) => notice.includes('100 records'))).toHaveLength(1);
  });
});
