import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replay } from '../../../pipelines/replay.js';
import { parseConfig } from '../../../src/config/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, syntheticEvents, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { outcome } from './live-run.js';

const EVENTS = 4000;
const OVERLAP_MS = 600_000;

describe.skipIf(noKafka)('a learner of files that goes live', () => {
  it('repeats nothing that the topics hold of the files, and loses nothing', async () => {
    const synthetic = { preset: 'test', seed: 6, events: EVENTS, sourceRatio: 1, messages: null } as const;
    const all = await syntheticEvents(synthetic);
    // the files end in the middle of the stream, the topics begin before that
    const times = [...all.target, ...all.source].map(({ eventTimeMs }) => eventTimeMs).sort((a, b) => a - b);
    const untilMs = times[EVENTS / 2]!;
    const from = (ms: number) => ({
      target: all.target.filter(({ eventTimeMs }) => eventTimeMs > ms),
      source: all.source.filter(({ eventTimeMs }) => eventTimeMs > ms),
    });
    const kafka = kafkaAt(sharedBrokers);
    const before = await createTopics(kafka, 1);
    await produce(kafka, before, {
      target: all.target.filter(({ eventTimeMs }) => eventTimeMs <= untilMs),
      source: all.source.filter(({ eventTimeMs }) => eventTimeMs <= untilMs),
    });
    const topics = await createTopics(kafka, 3);
    await produce(kafka, topics, from(untilMs - 2 * OVERLAP_MS));

    const directory = temporaryDirectory('handover');
    const first = parseConfig(JSON.stringify(topicsConfig(sharedBrokers, before)), 'test', {
      env: {},
      overrides: [
        ...['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16'],
        `checkpoint.directory=${JSON.stringify(join(directory, 'replayed'))}`,
      ],
    });
    const observer = { started() {}, turn() {}, notice() {} };
    const stop = new AbortController().signal;
    const replayed = await replay(first, { baseDirectory: '.', resume: 'never', stop, observer });
    expect(replayed.events).toBe(EVENTS / 2 + 1);

    const config = topicsConfig(sharedBrokers, topics, { groupId: uniqueName('handover') });
    const live = (overrides: readonly string[]) =>
      runInProcess(config, join(directory, 'live'), [`ordering.outOfOrdernessMs=${OVERLAP_MS}`, ...overrides], {
        from: replayed.checkpoint!,
      });
    const summary = await live(['input.kafka.stop=end']).finished;
    const whole = await replayInProcess({ input: { synthetic }, features: { shared: ['topic'] } }, [
      'batching.size=16',
    ]);
    expect(outcome(summary!)).toEqual(outcome(whole));
    const again = await live(['input.kafka.stop=end']).finished;
    expect(again!.resumedFrom, 'once it has checkpoints of its own it goes on from them').toBe(summary!.checkpoint);
    expect(outcome(again!)).toEqual(outcome(whole));
  });
});
