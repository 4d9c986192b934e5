import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noKafka, sharedBrokers } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce } from '../../kafka/topics.js';
import { changes, summaryOf, temporaryDirectory } from '../command-line.js';
import { drillEvents, LiveLearner, outcome } from './live-run.js';

describe.skipIf(noKafka)('the owner of the topics', () => {
  it('killed, is followed by the standby, which comes to what an undisturbed run comes to', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 3);
    await produce(kafka, topics, await drillEvents(9000));
    const learner = new LiveLearner(temporaryDirectory('owner-killed'), sharedBrokers, topics);
    const expected = await learner.expected();

    const stop = ['--set', 'input.kafka.stop=end'];
    const owner = learner.start(stop);
    await changes(learner.checkpoints, 3);
    const standby = learner.start(stop);
    await standby.shows('standing by');
    await changes(learner.checkpoints, 3);
    owner.child.kill('SIGKILL');
    expect((await owner.finished).signal, 'it was over before').toBe('SIGKILL');
    const summary = summaryOf(await standby.finished);
    expect(summary.resumedFrom).not.toBeNull();
    expect(outcome(summary)).toEqual(outcome(expected));
  }, 240_000);

  it('frozen and woken, finds itself deposed, writes nothing more and says so', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    await produce(kafka, topics, await drillEvents(9000));
    const learner = new LiveLearner(temporaryDirectory('owner-frozen'), sharedBrokers, topics);
    const expected = await learner.expected();

    const stop = ['--set', 'input.kafka.stop=end'];
    const owner = learner.start(stop);
    await changes(learner.checkpoints, 3);
    const standby = learner.start(stop);
    await standby.shows('standing by');
    owner.child.kill('SIGSTOP');
    const summary = summaryOf(await standby.finished);
    expect(outcome(summary)).toEqual(outcome(expected));
    owner.child.kill('SIGCONT');
    const { status, stderr } = await owner.finished;
    expect(stderr).toContain('DADIN_FENCED');
    expect(status).toBe(6);
    await sleep(100);
    const again = await learner.toTheEnd();
    expect(again.resumedFrom, 'the checkpoint of the successor stands').toBe(summary.checkpoint);
    expect(outcome(again)).toEqual(outcome(expected));
  }, 240_000);
});
