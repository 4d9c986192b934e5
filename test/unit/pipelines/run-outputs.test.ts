import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunOutputs } from '../../../pipelines/run-outputs.js';
import type { Turn } from '../../../pipelines/turn.js';
import { parseConfig } from '../../../src/config/index.js';
import type { RejectedRecord } from '../../../src/ordering/index.js';
import type { OutgoingRecord } from '../../../src/sinks/kafka/outgoing-queue.js';
import { sample } from '../sample.js';
import { stepReport } from '../step-report.js';
import { smallFold } from './small-fold.js';

const TURN: Turn = {
  number: 0,
  events: 0,
  score: [],
  matured: [],
  restated: [],
  provisional: [0, 0],
  train: [],
  eventTimeMs: 0,
  adaptation: null,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-outputs-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function outputs(overrides: readonly string[], keep = {}): RunOutputs {
  const config = parseConfig('', 'test', { env: {}, overrides });
  return new RunOutputs(config, directory, keep, smallFold(['model.preset=paper']), ['ads', 'news']);
}

const REJECTED: readonly RejectedRecord[] = (['DADIN_RECORD_LATE', 'DADIN_RECORD_TIME'] as const).map((code, i) => ({
  partition: 1,
  position: BigInt(i),
  bad: { code, reason: 'on purpose', original: null },
}));

it.each([
  ['deadLetter', ['DADIN_RECORD_LATE', 'DADIN_RECORD_TIME']],
  ['drop', ['DADIN_RECORD_TIME']],
])('late policy %s', (policy, codes) => {
  const run = outputs([`ordering.latePolicy=${policy}`, 'sinks.deadLetters=dead.jsonl']);
  run.reject(REJECTED);
  run.close();
  const lines = readFileSync(join(directory, 'dead.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(codes.map((code) => ({ code, partition: 'news' })));
});

it('writes metrics every fiftieth step, with the events folded before the turn', () => {
  const run = outputs(['sinks.metrics=metrics.jsonl']);
  for (let step = 1; step <= 100; step++) {
    const turn = { ...TURN, number: step, events: step * 10, eventTimeMs: step };
    run.settled({ turn, report: stepReport(step, 10), predictions: [] });
  }
  run.close();
  const lines = readFileSync(join(directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { step: 50, events: 500, eventTimeMs: 50 },
    { step: 100, events: 1000, eventTimeMs: 100 },
  ]);
});

it('goes on from the lengths of a checkpoint', async () => {
  const overrides = ['sinks.predictions=predictions.csv', 'sinks.metrics=metrics.jsonl'];
  const turn = { ...TURN, events: 1 };
  const first = outputs(overrides);
  first.settled({ turn, report: null, predictions: [sample(0, { logit: 0, label: 1 })] });
  const lengths = await first.lengths();
  first.settled({ turn, report: null, predictions: [sample(1, { logit: 0, label: 1 })] });
  first.close();
  expect(Object.keys(lengths).sort()).toEqual(['metrics', 'predictions']);

  const second = outputs(overrides, lengths);
  second.settled({ turn, report: null, predictions: [sample(2, { logit: 0, label: 1 })] });
  second.close();
  const rows = readFileSync(join(directory, 'predictions.csv'), 'utf8').trimEnd().split('\n');
  expect(rows.map((row) => row.split(',')[0])).toEqual(['seq', '0', '2']);
});

it('hands metrics, predictions and dead letters to their topics with stable keys, and waits for them', async () => {
  const added: OutgoingRecord[] = [];
  const asked: string[] = [];
  const publisher = {
    add: (record: OutgoingRecord) => void added.push(record),
    room: async () => void asked.push('room'),
    flushed: async () => void asked.push('flushed'),
  };
  const config = parseConfig('', 'test', {
    overrides: ['sinks.kafka={metricsTopic: m, predictionsTopic: p, deadLetterTopic: d}'],
  });
  const run = new RunOutputs(config, directory, {}, smallFold(['model.preset=paper']), ['ads/0', 'news/0'], publisher);
  run.reject([
    {
      partition: 1,
      position: 7n,
      bad: { code: 'DADIN_RECORD_TIME', reason: 'no time', original: Uint8Array.of(1, 2), schemaId: 3 },
    },
  ]);
  const turn = { ...TURN, number: 50, events: 500, eventTimeMs: 5 };
  run.settled({
    turn,
    report: stepReport(50, 10),
    predictions: [sample(4, { logit: 0, label: 1, impressionId: 'i4' })],
  });
  await run.room();
  expect(await run.lengths()).toEqual({});
  expect(asked).toEqual(['room', 'flushed']);
  await run.endTopics();
  run.settled({ turn, report: stepReport(50, 10), predictions: [sample(5, { logit: 0, label: 1 })] });
  expect(added.map(({ topic, key }) => [topic, key])).toEqual([
    ['d', 'news/0:7'],
    ['p', 'i4'],
    ['m', '50'],
  ]);
  expect(added[0]).toMatchObject({
    value: Buffer.of(1, 2),
    headers: {
      'dadin-code': 'DADIN_RECORD_TIME',
      'dadin-reason': 'no time',
      'dadin-partition': 'news/0',
      'dadin-position': '7',
      'dadin-schema-id': '3',
    },
  });
  expect(JSON.parse(String(added[1]!.value))).toMatchObject({ score: 0.5, label: 1, sequence: 4 });
  expect(JSON.parse(String(added[2]!.value))).toMatchObject({ step: 50, events: 500 });
});
