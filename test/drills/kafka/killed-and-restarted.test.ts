import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { noKafka, sharedBrokers } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce } from '../../kafka/topics.js';
import { changes, summaryOf, temporaryDirectory } from '../command-line.js';
import { drillEvents, LiveLearner, outcome } from './live-run.js';

const KILLS = process.env['DADIN_LONG_DRILLS'] === undefined ? 3 : 20;

describe.skipIf(noKafka)('a learner', () => {
  it('killed with -9 again and again comes to what an undisturbed one comes to', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 3);
    await produce(kafka, topics, await drillEvents(6000));
    const learner = new LiveLearner(temporaryDirectory('killed'), sharedBrokers, topics, {
      input: { sessionTimeoutMs: 6000 },
    });
    const expected = await learner.expected();
    const random = new SeededRandom(2, 'kill');
    for (let i = 0; i < KILLS; i++) {
      const running = learner.start(['--set', 'input.kafka.stop=end']);
      await changes(learner.checkpoints, 4 + random.below(4));
      await sleep(random.below(40));
      running.child.kill('SIGKILL');
      expect((await running.finished).signal, `kill ${i} came too late`).toBe('SIGKILL');
    }
    const summary = await learner.toTheEnd();
    expect(summary.resumedFrom).not.toBeNull();
    expect(outcome(summary)).toEqual(outcome(expected));
  }, 240_000);

  it('told to stop writes a checkpoint and leaves the group, so that the next goes on at once', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 3);
    await produce(kafka, topics, await drillEvents(6000));
    const learner = new LiveLearner(temporaryDirectory('stopped'), sharedBrokers, topics);
    const expected = await learner.expected();
    const running = learner.start();
    await changes(learner.checkpoints, 3);
    running.child.kill('SIGTERM');
    const stopped = summaryOf(await running.finished);
    expect(stopped).toMatchObject({ stopped: true });
    const summary = await learner.toTheEnd();
    expect(summary.resumedFrom).toBe(stopped.checkpoint);
    expect(outcome(summary)).toEqual(outcome(expected));
  }, 240_000);
});
