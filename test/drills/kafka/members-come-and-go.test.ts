import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Ownership } from '../../../src/sources/kafka/index.js';
import { noKafka, sharedBrokers } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce } from '../../kafka/topics.js';
import { summaryOf, temporaryDirectory } from '../command-line.js';
import { drillEvents, LiveLearner, outcome } from './live-run.js';

const VISITS = process.env['DADIN_LONG_DRILLS'] === undefined ? 6 : 60;

describe.skipIf(noKafka)('members that join the group and leave it', () => {
  it('move nothing: the owner learns on', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    await produce(kafka, topics, await drillEvents(6000));
    const groupId = `visited-${topics.target}`;
    const learner = new LiveLearner(temporaryDirectory('members'), sharedBrokers, topics, { input: { groupId } });
    const expected = await learner.expected();
    const owner = learner.start(['--set', 'input.kafka.stop=end']);
    await owner.shows('reading');
    let visiting = true;
    const visits = (async () => {
      let standingBy = 0;
      for (let i = 0; i < VISITS && visiting; i++) {
        const notices: string[] = [];
        const visitor = await Ownership.join(kafka, {
          groupId,
          topics: Object.values(topics),
          sessionTimeoutMs: 6000,
          notice: (message) => notices.push(message),
        });
        if (!visitor.isOwner) standingBy++;
        await sleep(100);
        await visitor.leave();
      }
      return standingBy;
    })();
    const finished = await owner.finished;
    visiting = false;
    expect(await visits).toBeGreaterThan(0);
    const summary = summaryOf(finished);
    expect(summary.resumedFrom).toBeNull();
    expect(outcome(summary)).toEqual(outcome(expected));
  });
});
