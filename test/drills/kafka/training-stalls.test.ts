import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LearnParts } from '../../../pipelines/learn.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

/** Longer than the session timeout in any case; a minute in the long form. */
const STALL_MS = process.env['DADIN_LONG_DRILLS'] === undefined ? 9_000 : 60_000;
const SESSION_TIMEOUT_MS = 6_000;

describe.skipIf(noKafka)('training that stalls for longer than the session timeout', () => {
  it('causes no rebalance and no redelivery', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    await produce(kafka, topics, await drillEvents(2000));
    const groupId = uniqueName('stall');
    const config = topicsConfig(sharedBrokers, topics, { groupId, sessionTimeoutMs: SESSION_TIMEOUT_MS });
    const expected = await replayInProcess(config, ['batching.size=16']);

    const checkpoints = join(temporaryDirectory('stall'), 'checkpoints');
    let steps = 0;
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
      const done = last.then(call);
      last = done;
      return done;
    };
    const stalling = (parts: LearnParts): LearnParts => ({
      ...parts,
      learner: {
        score: (batch) => inTurn(() => parts.learner.score(batch)),
        train: (batch, eventTimeMs) =>
          inTurn(async () => {
            if (++steps === 20) await sleep(STALL_MS);
            return await parts.learner.train(batch, eventTimeMs);
          }),
      },
    });
    const admin = kafka.admin();
    await admin.connect();
    const memberOf = async (): Promise<string | undefined> =>
      (await admin.describeGroups([groupId])).groups[0]?.members[0]?.memberId;
    let before: string | undefined;
    const run = runInProcess(config, checkpoints, ['input.kafka.stop=end'], {
      observer: {
        around: stalling,
        async started() {
          before = await memberOf();
        },
      },
    });
    while (steps < 20) await sleep(50);
    await sleep(STALL_MS - 500);
    const after = await memberOf();
    await admin.disconnect();
    const summary = await run.finished;
    expect(before).toBeDefined();
    expect(after, 'still the same member').toBe(before);
    expect(run.notices).toEqual([]);
    expect(outcome(summary!)).toEqual(outcome(expected));
  });
});
