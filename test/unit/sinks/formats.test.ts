import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeadLetterFile, MetricsFile, PredictionsFile } from '../../../src/sinks/index.js';
import { sample } from '../sample.js';
import { stepReport } from '../step-report.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-sinks-'));
  path = join(directory, 'file');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('predictions are CSV that any reader understands, whatever the ids hold', () => {
  const file = new PredictionsFile(path, 0);
  file.write([
    sample(0, { userId: 'plain', itemId: 'a,b', logit: 0, label: 1, scoredAtStep: 3, eventTimeMs: 17 }),
    sample(1, { userId: 'say "x"', itemId: 'two\nlines', domain: 0, logit: -800, label: 0, scoredAtStep: 4 }),
  ]);
  file.close();
  expect(parse(readFileSync(path), { columns: true })).toEqual([
    {
      seq: '0',
      domain: 'target',
      userId: 'plain',
      itemId: 'a,b',
      eventTime: '17',
      label: '1',
      score: '0.5',
      step: '3',
    },
    {
      seq: '1',
      domain: 'source',
      userId: 'say "x"',
      itemId: 'two\nlines',
      eventTime: '1',
      label: '0',
      score: '0',
      step: '4',
    },
  ]);
});

it('predictions that go on have one header', () => {
  const first = new PredictionsFile(path, 0);
  first.write([sample(0, { logit: 0 })]);
  const length = first.length();
  first.write([sample(1, { logit: 0 })]);
  first.close();
  const second = new PredictionsFile(path, length);
  second.write([sample(2, { logit: 0 })]);
  second.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => line.split(',')[0])).toEqual(['seq', '0', '2']);
});

it('a dead letter gives back the very bytes of its record', () => {
  const original = Uint8Array.from({ length: 256 }, (_, i) => i);
  const file = new DeadLetterFile(path, 0);
  const bad = { code: 'DADIN_RECORD_MALFORMED', reason: 'because', original } as const;
  file.write({ partition: 'ads', position: 9_007_199_254_740_993n, bad });
  file.write({ partition: 'ads', position: 1n, bad: { ...bad, original: null } });
  file.close();
  const [first, second] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { position: string; original: string | null });
  expect(first!.position).toBe('9007199254740993');
  expect(Buffer.from(first!.original!, 'base64')).toEqual(Buffer.from(original));
  expect(second!.original).toBeNull();
});

it('metrics are JSON Lines of the step report with event time and domains', () => {
  const file = new MetricsFile(path, 0);
  const report = stepReport(50, 12);
  file.write({
    eventTimeMs: 5,
    events: 600,
    report,
    domains: { target: { auc: null } },
    badDays: null,
    versions: null,
    transfer: null,
  });
  file.close();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    ...report,
    eventTimeMs: 5,
    events: 600,
    domains: { target: { auc: null } },
    badDays: null,
    versions: null,
  });
});
