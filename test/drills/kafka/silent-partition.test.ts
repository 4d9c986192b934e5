import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalPath, readJournal } from '../../../src/checkpoint/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

describe.skipIf(noKafka)('a topic that falls silent', () => {
  it('does not hold the other one up; what it brings later and older is late, in the replay by the journal too', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    const { target, source } = await drillEvents(3000);
    const some = source.slice(0, 200);
    await produce(kafka, topics, { target, source: some });
    const checkpoints = join(temporaryDirectory('silent'), 'checkpoints');
    const config = topicsConfig(sharedBrokers, topics, { groupId: uniqueName('silent'), idleTimeoutMs: 300 });

    let seen = 0;
    let told: () => void = () => {};
    const allOfTarget = new Promise<void>((resolve) => {
      told = resolve;
    });
    const observer = {
      turn({ turn }: { readonly turn: { readonly events: number } }) {
        seen = turn.events;
        // but for what still waits for its step
        if (seen > target.length + some.length - 40) told();
      },
    };
    const first = runInProcess(config, checkpoints, [], { observer });
    await allOfTarget;
    expect(seen, 'the silent topic held nothing up').toBeGreaterThan(target.length);
    await produce(kafka, topics, { target: [], source: source.slice(200, 260) }); // long past
    first.stop();
    const stopped = await first.finished;
    expect(stopped?.stopped).toBe(true);

    const rest = await runInProcess(config, checkpoints, ['input.kafka.stop=end']).finished;
    const decisions = await readJournal(journalPath(checkpoints));
    expect(decisions.length).toBeGreaterThan(0);
    expect(rest).toMatchObject({ late: 60, events: target.length + 200 });

    const paper = ['batching.size=16'];
    const replayed = await replayInProcess(config, paper, '.', undefined, journalPath(checkpoints));
    expect(outcome(replayed)).toEqual(outcome(rest!));
    const without = await replayInProcess(config, paper);
    expect(without).toMatchObject({ late: 0 });
    expect(without.digest).not.toBe(rest!.digest);
  });
});
