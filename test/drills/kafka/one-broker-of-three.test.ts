import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noJava, noKafka, startCluster, uniqueName } from '../../kafka/broker.js';
import { createTopic, ledger, readCommitted } from '../../kafka/read-committed.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

const EVENTS = 3000;
/** Each node once in the long form; the one that we bootstrap from in the short one. */
const KILLED = process.env['DADIN_LONG_DRILLS'] === undefined ? [0] : [0, 1, 2];

describe.skipIf(noKafka || noJava)('one broker of three', () => {
  let running: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    running = await startCluster(3);
  });
  afterAll(() => running.remove());

  it.each(KILLED)(
    'node %i, killed with -9 while we learn and publish, is done without; nothing is lost or repeated',
    async (killed) => {
      const { cluster } = running;
      const kafka = kafkaAt(cluster.brokers);
      const topics = await createTopics(kafka, 3);
      const predictionsTopic = await createTopic(kafka, uniqueName('predictions'), 3);
      const { target, source } = await drillEvents(EVENTS);
      const part = (from: number, to: number) =>
        produce(kafka, topics, { target: target.slice(from, to), source: source.slice(from, to) });
      await part(0, 500);
      const name = uniqueName('replicated');
      const config = {
        ...topicsConfig(cluster.brokers, topics, { groupId: name, idleTimeoutMs: 600_000 }),
        name,
        sinks: { kafka: { predictionsTopic } },
      };
      let seen = 0;
      const observer = {
        turn({ turn }: { readonly turn: { readonly events: number } }) {
          seen = turn.events;
        },
      };
      const overrides = ['checkpoint.everySteps=20', `input.kafka.stop={records: ${EVENTS}}`];
      const live = runInProcess(config, join(temporaryDirectory('replicated'), 'c'), overrides, { observer });
      await expect.poll(() => seen, { timeout: 60_000 }).toBeGreaterThan(500);
      await cluster.nodes[killed]!.kill9();
      await part(500, 1000);
      await expect.poll(() => seen, { timeout: 60_000, message: 'it learns on two brokers' }).toBeGreaterThan(1500);
      await cluster.restart();
      await part(1000, EVENTS);
      const summary = await live.finished;
      expect(summary).toMatchObject({ events: EVENTS, late: 0, duplicates: 0 });
      const published = ledger(await readCommitted(kafka, predictionsTopic));
      expect(published.size).toBeGreaterThan(EVENTS / 4);
      // an undisturbed run publishes into the same topic, and adds nothing that was not there
      expect(outcome(summary!)).toEqual(outcome(await replayInProcess(config, ['batching.size=16'])));
      expect(ledger(await readCommitted(kafka, predictionsTopic))).toEqual(published);
    },
    180_000,
  );
});
