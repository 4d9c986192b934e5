import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { journalPath, readJournal } from '../../../src/checkpoint/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

const HOUR_MS = 3_600_000;
const SESSION_TIMEOUT_MS = 6_000;
const EVENTS = 3000;

describe.skipIf(noKafka)('a wall clock that jumps by an hour', () => {
  const now = Date.now.bind(Date);
  /** Sets this process's clock, of which the Kafka client's heartbeats and timeouts read most. */
  const setClock = (byMs: number): void => void vi.spyOn(Date, 'now').mockImplementation(() => now() + byMs);
  afterEach(() => vi.restoreAllMocks());

  it('back and then forth: the owner stays the owner, nothing is taken for silent, nothing else is learned', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    const { target, source } = await drillEvents(EVENTS);
    await produce(kafka, topics, { target: target.slice(0, 500), source: source.slice(0, 500) });
    const groupId = uniqueName('clock');
    const config = topicsConfig(sharedBrokers, topics, {
      ...{ groupId, sessionTimeoutMs: SESSION_TIMEOUT_MS },
      idleTimeoutMs: HOUR_MS / 2, // by the wall clock every partition would have been silent for longer
    });
    const checkpoints = join(temporaryDirectory('clock'), 'checkpoints');
    const admin = kafka.admin();
    await admin.connect();
    const member = async (): Promise<string | undefined> =>
      (await admin.describeGroups([groupId])).groups[0]?.members[0]?.memberId;

    let seen = 0;
    const observer = {
      turn({ turn }: { readonly turn: { readonly events: number } }) {
        seen = turn.events;
      },
    };
    const live = runInProcess(config, checkpoints, [`input.kafka.stop={records: ${EVENTS}}`], { observer });
    await expect.poll(() => seen, { timeout: 30_000 }).toBeGreaterThan(500);
    const before = await member();
    expect(before).toBeDefined();

    setClock(-HOUR_MS);
    const untilMs = performance.now() + SESSION_TIMEOUT_MS + 2_000;
    while (performance.now() < untilMs) {
      expect(await member(), 'it goes on telling the group that it lives').toBe(before);
      await sleep(500);
    }
    setClock(HOUR_MS);
    await produce(kafka, topics, { target: target.slice(500), source: source.slice(500) });
    const summary = await live.finished;
    await admin.disconnect();

    expect(live.notices.filter((notice) => notice.includes('standing by'))).toEqual([]);
    expect(await readJournal(journalPath(checkpoints)), 'no partition was passed over').toEqual([]);
    const expected = await replayInProcess(config, ['batching.size=16']);
    expect(summary).toMatchObject({ events: EVENTS, late: 0 });
    expect(outcome(summary!)).toEqual(outcome(expected));
  });
});
