import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { RunSummary } from '../../../pipelines/learning-run.js';
import { run } from '../../drills/command-line.js';
import { type Metric, OtlpReceiver } from '../../otlp/receiver.js';

const folder = mkdtempSync(join(tmpdir(), 'dadin-otlp-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  'replay',
  ...['--synthetic', 'test'],
  ...[
    'name=otlp-test',
    'input.synthetic.events=6000',
    'model.preset=paper',
    'model.width=8',
    'model.hidden=[16,8]',
    'batching.size=32',
    'telemetry.traceShare=1',
  ].flatMap((set) => ['--set', set]),
  '--json',
];

const point = (metrics: readonly Metric[], name: string): number | undefined => {
  const metric = metrics.find((one) => one.name === name);
  const first = metric?.sum?.dataPoints[0] ?? metric?.gauge?.dataPoints[0];
  return first?.asInt ?? first?.asDouble;
};

it('an OTLP receiver decodes the counters of the summary, and spans that lead from a checkpoint to the records', async () => {
  const receiver = await OtlpReceiver.start();
  const checkpoints = join(folder, 'checkpoints');
  const finished = await run([
    ...SMALL,
    '--set',
    `telemetry.otlpEndpoint=${receiver.url}/`,
    '--checkpoints',
    checkpoints,
  ]);
  await receiver.close();
  expect(finished.status, finished.stderr).toBe(0);
  const summary = JSON.parse(finished.stdout) as RunSummary;
  expect([...receiver.services]).toEqual(['otlp-test']);

  const last = receiver.metrics.at(-1)!;
  expect(point(last, 'dadin.events')).toBe(summary.events);
  expect(point(last, 'dadin.steps')).toBe(summary.steps);
  expect(point(last, 'dadin.checkpoints')).toBe(1);
  expect(last.find(({ name }) => name === 'dadin.events')!.sum!.isMonotonic).toBe(true);
  const step = last.find(({ name }) => name === 'dadin.step.duration')!;
  expect([step.unit, step.histogram!.dataPoints[0]!.count]).toEqual(['s', summary.steps]);

  const byId = new Map(receiver.spans.map((span) => [span.spanId, span]));
  const checkpoint = receiver.spans.find(({ name }) => name === 'checkpoint')!;
  const way: string[] = [];
  for (let span = checkpoint; span !== undefined; span = byId.get(span.parentSpanId)!) {
    expect(span.traceId).toBe(checkpoint.traceId);
    way.push(span.name);
  }
  expect(way[0]).toBe('checkpoint');
  expect(way).toContain('step');
  expect(way.at(-1)).toBe('poll');
  const poll = receiver.spans.find(({ name }) => name === 'poll')!;
  expect(poll.attributes.find(({ key }) => key === 'messaging.operation.name')!.value.stringValue).toBe('poll');
});

it('a receiver that is down is told of once, and the run learns the same', async () => {
  const bare = await run(SMALL);
  const down = await run([...SMALL, '--set', 'telemetry.otlpEndpoint=http://127.0.0.1:9']);
  expect(down.status, down.stderr).toBe(0);
  expect((JSON.parse(down.stdout) as RunSummary).digest).toBe((JSON.parse(bare.stdout) as RunSummary).digest);
  const told = down.stderr.split('\n').filter((line) => line.includes('telemetry:'));
  expect(told).toEqual([
    expect.stringMatching(
      /^telemetry: http:\/\/127\.0\.0\.1:9 does not take metrics and traces \(.+\); the run goes on/,
    ),
  ]);
});
