import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, startCluster, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

describe.skipIf(noKafka)('a broker', () => {
  it('killed and restarted while we consume and commit, and absent when we start: nothing is lost or repeated', async () => {
    const { cluster, remove } = await startCluster(1);
    try {
      const kafka = kafkaAt(cluster.brokers);
      const topics = await createTopics(kafka, 2);
      const { target, source } = await drillEvents(4000);
      await produce(kafka, topics, { target: target.slice(0, 1000), source: source.slice(0, 1000) });
      const config = topicsConfig(cluster.brokers, topics, {
        groupId: uniqueName('away'),
        idleTimeoutMs: 600_000,
        sessionTimeoutMs: 6000,
      });
      const checkpoints = join(temporaryDirectory('away'), 'checkpoints');

      await cluster.kill9();
      let reached: () => void = () => {};
      const halfway = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const observer = {
        turn({ turn }: { readonly turn: { readonly events: number } }) {
          if (turn.events > 1500) reached();
        },
      };
      const live = runInProcess(config, checkpoints, ['checkpoint.everySteps=5'], { observer });
      await sleep(1000);
      await cluster.restart();
      await halfway;

      await cluster.kill9();
      await sleep(500);
      await cluster.restart();
      await produce(kafka, topics, { target: target.slice(1000), source: source.slice(1000) });
      live.stop();
      const stopped = await live.finished;
      const rest = await runInProcess(config, checkpoints, ['input.kafka.stop=end']).finished;
      expect(stopped!.events).toBeLessThanOrEqual(rest!.events);
      expect(rest).toMatchObject({ events: 4000, late: 0, duplicates: 0 });
      const expected = await replayInProcess(config, ['batching.size=16']);
      expect(outcome(rest!)).toEqual(outcome(expected));
      expect(live.notices.some((notice) => notice.includes('trying again'))).toBe(true);
    } finally {
      await remove();
    }
  }, 240_000);
});
