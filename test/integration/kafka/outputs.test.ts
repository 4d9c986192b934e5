import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKafkaPublisher } from '../../../pipelines/kafka-outputs.js';
import { type ReplaySummary, replay } from '../../../pipelines/replay.js';
import { parseConfig } from '../../../src/config/index.js';
import { createKafka } from '../../../src/kafka/index.js';
import { connectionTo, errorsOnly, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopic, readCommitted } from '../../kafka/read-committed.js';

const kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-outputs-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function configured(name: string, sinks: object) {
  const overrides = [
    `name=${name}`,
    `kafka.brokers=${JSON.stringify(sharedBrokers)}`,
    `sinks=${JSON.stringify(sinks)}`,
    'input.synthetic={preset: test, events: 6000}',
    'checkpoint={directory: checkpoints, everySteps: 20}',
    'model.preset=small',
    'batching.size=32',
  ];
  return parseConfig('', 'test', { overrides });
}

async function learn(
  config: ReturnType<typeof configured>,
  stopAtStep = Number.POSITIVE_INFINITY,
): Promise<ReplaySummary> {
  const stop = new AbortController();
  return await replay(config, {
    baseDirectory: directory,
    resume: 'auto',
    stop: stop.signal,
    observer: {
      started() {},
      turn({ report }) {
        if (report !== null && report.step >= stopAtStep) stop.abort();
      },
      notice() {},
    },
  });
}

describe.skipIf(noKafka)('what a run puts out on Kafka', () => {
  it('is what it puts into files, and the same by key after it was stopped and resumed', async () => {
    const name = uniqueName('outputs');
    const topics = {
      predictionsTopic: await createTopic(kafka, `${name}-predictions`, 3),
      metricsTopic: await createTopic(kafka, `${name}-metrics`, 1),
    };
    const config = configured(name, { predictions: 'predictions.csv', metrics: 'metrics.jsonl', kafka: topics });
    expect((await learn(config, 60)).stopped).toBe(true);
    await learn(config);

    const said = new Map<string, string>();
    for (const { key, value } of await readCommitted(kafka, topics.predictionsTopic)) {
      expect(said.get(key!) ?? value, key!).toBe(value); // what is said again is the same
      said.set(key!, value!);
    }
    const published = [...said.values()].map((value) => JSON.parse(value) as Record<string, unknown>);
    const rows = readFileSync(join(directory, 'predictions.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const inFile = new Map(rows.map((row) => [Number(row.split(',')[0]), row]));
    expect(published.length).toBeGreaterThan(5_000);
    expect(inFile.size - published.length).toBeLessThan(100); // the flush at the end goes to the file only
    for (const { sequence, score, label, step } of published)
      expect(inFile.get(Number(sequence))).toMatch(new RegExp(`,${label},${score},${step}$`));

    const metrics = new Set((await readCommitted(kafka, topics.metricsTopic)).map(({ value }) => value));
    expect([...metrics]).toEqual(readFileSync(join(directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n'));
  });

  it('needs topics that are there', async () => {
    const name = uniqueName('missing');
    const config = configured(name, { kafka: { metricsTopic: `${name}-metrics` } });
    await expect(learn(config)).rejects.toMatchObject({
      code: 'DADIN_KAFKA_REFUSED',
      message: expect.stringContaining(`${name}-metrics`),
    });
  });

  it('has one learner of a name at a time: a second fences the first', async () => {
    const name = uniqueName('twins');
    const topic = await createTopic(kafka, `${name}-metrics`, 1);
    const options = {
      baseDirectory: directory,
      isOwner: async () => true,
      notice: () => {},
      stop: new AbortController().signal,
    };
    const config = configured(name, { kafka: { metricsTopic: topic } });
    const first = await openKafkaPublisher(config, options);
    const second = await openKafkaPublisher(config, options);
    first!.add({ topic, key: '1', value: 'of the first' });
    await expect(first!.flushed()).rejects.toMatchObject({ code: 'DADIN_FENCED' });
    second!.add({ topic, key: '2', value: 'of the second' });
    await second!.flushed();
    await Promise.all([first!.close(), second!.close()]);
    expect((await readCommitted(kafka, topic)).map(({ key }) => key)).toEqual(['2']);
  });
});
