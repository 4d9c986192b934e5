import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ControlOutcome } from '../../../pipelines/control.js';
import type { RunningParts } from '../../../pipelines/learning-run.js';
import { journalPath, readJournal } from '../../../src/checkpoint/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

describe.skipIf(noKafka)('an operator and a live learner', () => {
  it('freezes by a topic, pauses, saves while nothing comes, is restarted, resumes: the journal gives the same bits', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 1);
    const commands = uniqueName('control');
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: commands, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const { target, source } = await drillEvents(3000);
    await produce(kafka, topics, { target: target.slice(0, 800), source: source.slice(0, 800) });
    const checkpoints = join(temporaryDirectory('controlled'), 'checkpoints');
    const config = {
      ...topicsConfig(sharedBrokers, topics, { groupId: uniqueName('controlled'), idleTimeoutMs: 300 }),
      control: { topic: commands, token: { env: 'PATH' } }, // any secret that is there
    };
    const send = async (key: string, command: object) => {
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: commands, messages: [{ key, value: JSON.stringify(command) }] });
      await producer.disconnect();
    };
    const token = process.env['PATH'];

    let run: RunningParts | null = null;
    const outcomes: ControlOutcome[] = [];
    const observer = {
      started: (parts: RunningParts) => {
        run = parts;
      },
      controlled: (one: ControlOutcome) => void outcomes.push(one),
    };
    const first = runInProcess(config, checkpoints, [], { observer });
    await expect.poll(() => run?.fold.events ?? 0, { timeout: 60_000 }).toBeGreaterThan(1500);
    await send('f1', { command: 'freeze', token: 'a guess' });
    await send('f2', { command: 'freeze', token });
    await expect.poll(() => run?.control.held, { timeout: 20_000 }).toBe('frozen');
    await produce(kafka, topics, { target: target.slice(800, 1000), source: source.slice(800, 1000) });
    await expect.poll(() => run?.fold.events ?? 0, { timeout: 60_000 }).toBeGreaterThan(1700);
    // nothing comes any more, and still they are carried out
    const saved = await run!.control.request({ id: 's', command: 'save' });
    await run!.control.request({ id: 'p', command: 'pause' });
    expect(outcomes.map((one) => ('refused' in one ? one.refused.code : one.done.command))).toEqual([
      'DADIN_CONTROL_REFUSED',
      'freeze',
      'save',
      'pause',
    ]);
    first.stop();
    await first.finished;

    run = null;
    await produce(kafka, topics, { target: target.slice(1000), source: source.slice(1000) });
    const second = runInProcess(config, checkpoints, ['input.kafka.stop=end'], { observer });
    await expect.poll(() => run?.control.held, { timeout: 60_000 }).toBe('paused');
    expect(run!.fold.isFrozen).toBe(true);
    await expect(
      run!.control.request({ id: 'x', command: 'rollback', version: 1, reason: '', resetLearner: false }),
    ).rejects.toThrow(/publishes no versions/);
    expect(run!.fold.events).toBeLessThan(saved.events + 100);
    await send('r', { command: 'resume', token });
    const live = (await second.finished)!;

    const controls = (await readJournal(journalPath(checkpoints))).filter(({ kind }) => kind === 'control');
    expect(controls.map((one) => one.kind === 'control' && one.request.id)).toEqual(['f2', 's', 'p', 'r']);
    const sixteen = ['batching.size=16'];
    const replayed = await replayInProcess(config, sixteen, '.', undefined, journalPath(checkpoints));
    expect(outcome(replayed)).toEqual(outcome(live));
    expect((await replayInProcess(config, sixteen)).digest).not.toBe(live.digest);
  });
});
