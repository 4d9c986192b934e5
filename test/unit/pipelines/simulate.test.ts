import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { simulate } from '../../../pipelines/simulate.js';
import { loadConfig } from '../../../src/config/index.js';
import type { ClickEvent, EventSource } from '../../../src/core/index.js';
import { compareEvents, type PlacedEvent } from '../../../src/ordering/event-order.js';
import { createFileSource } from '../../../src/sources/files/index.js';
import {
  createSyntheticSource,
  type MessageKnobs,
  type SyntheticOptions,
} from '../../../src/sources/synthetic/index.js';

const MESSAGES: MessageKnobs = {
  clickDelayMeanMs: 60_000,
  jitterMs: 30_000,
  lateShare: 0.05,
  lateMs: 100_000,
  duplicateShare: 0.05,
};
/** 3000 events in 72 seconds, so that clicks and impressions meet in one millisecond. */
const options = (messages: MessageKnobs | null): SyntheticOptions => ({
  preset: 'test',
  seed: 4,
  events: 3000,
  users: 150,
  hours: 0.02,
  messages,
});

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'dadin-simulate-'));
});
afterEach(() => rm(out, { recursive: true }));

/** All records by partition, in the order of the log. */
async function readLogs(source: EventSource): Promise<PlacedEvent[][]> {
  await source.open(source.partitions.map(() => 0n));
  const logs: PlacedEvent[][] = [];
  for (const partition of source.partitions.keys()) {
    const log: PlacedEvent[] = [];
    for (let last = false; !last; ) {
      const chunk = await source.read(partition, 1000);
      for (const record of chunk.records) {
        if (!record.ok) throw new Error(record.bad.reason);
        log.push({ event: record.value, partition, position: BigInt(log.length) });
      }
      last = chunk.last;
    }
    logs.push(log);
  }
  await source.close();
  return logs;
}

const eventOf = ({ event }: PlacedEvent): ClickEvent => event;

describe.each(['csv', 'jsonl'] as const)('as %s', (format) => {
  test.each([
    ['labelled impressions', null],
    ['messages', MESSAGES],
  ] as const)('%s: the files hold the events of the generator, in log and in canonical order', async (_, messages) => {
    await simulate({ synthetic: options(messages), out, format });
    const config = await loadConfig(join(out, 'config.yaml'));
    const files = await readLogs(
      await createFileSource(config.input.files, { baseDirectory: out, sortMemoryBytes: 1 << 20 }),
    );
    const generated = await readLogs(createSyntheticSource(options(messages)));
    expect(files.map((log) => log.map(eventOf))).toEqual(generated.map((log) => log.map(eventOf)));
    const canonical = (logs: PlacedEvent[][]) => logs.flat().sort(compareEvents).map(eventOf);
    expect(canonical(files)).toEqual(canonical(generated));
    const times = generated.flat().map(({ event }) => event.eventTimeMs);
    if (messages !== null) expect(times.length - new Set(times).size).toBeGreaterThan(100);
    expect(config.features.shared).toEqual(['topic']);
  });
});

test('messages never lag behind by more than the configuration allows', async () => {
  await simulate({ synthetic: options(MESSAGES), out, format: 'csv' });
  const config = await loadConfig(join(out, 'config.yaml'));
  for (const log of await readLogs(createSyntheticSource(options(MESSAGES)))) {
    let newest = 0;
    let worst = 0;
    for (const { event } of log) {
      newest = Math.max(newest, event.eventTimeMs);
      worst = Math.max(worst, newest - event.eventTimeMs);
    }
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(config.ordering.outOfOrdernessMs);
  }
});

test('the truth stands beside the logs, and the report sums it up', async () => {
  const progress: number[] = [];
  const report = await simulate({
    synthetic: options(null),
    out,
    format: 'csv',
    onProgress: (rows) => progress.push(rows),
  });
  expect(progress.at(-1)).toBe(3000);
  const truth = createSyntheticSource(options(null)).truth();
  const lines = (await readFile(join(out, 'truth.csv'), 'utf8')).trimEnd().split('\n');
  expect(lines[0]).toBe('row,domain,p,clicked,newConcept,cold,hit');
  expect(lines.length).toBe(3001);
  for (const [i, line] of lines.slice(1).entries()) {
    const [row, domain, p, clicked, newConcept, cold, hit] = line.split(',');
    expect([Number(row), domain, Number(p), Number(clicked), Number(newConcept), Number(cold), Number(hit)]).toEqual([
      i,
      truth.domain[i] === 1 ? 'target' : 'source',
      truth.p[i],
      truth.clicked[i],
      truth.newConcept[i],
      truth.cold[i],
      truth.hit[i],
    ]);
  }
  const { target, source } = report.domains;
  expect(target.impressions + source.impressions).toBe(3000);
  expect(target.clicks + source.clicks).toBe(truth.clicked.reduce((a, b) => a + b, 0));
  expect(target.expectedCtr).toBeCloseTo(0.1, 3);
  expect(source.expectedCtr).toBeCloseTo(0.2, 3);
  expect(target.bayesAuc).toBeGreaterThan(0.7);
});

test('equal seeds write equal bytes, over whatever stood there', async () => {
  const first = await simulate({ synthetic: options(MESSAGES), out, format: 'csv' });
  const before = await Promise.all(first.files.map((path) => readFile(path, 'utf8')));
  await writeFile(join(out, 'target.csv'), 'old');
  const second = await simulate({ synthetic: options(MESSAGES), out, format: 'csv' });
  expect(await Promise.all(second.files.map((path) => readFile(path, 'utf8')))).toEqual(before);
  expect((await readdir(out)).sort()).toEqual(['config.yaml', 'source.csv', 'target.csv', 'truth.csv']);
});

test('nothing half-written is left when it fails', async () => {
  const failing = simulate({
    synthetic: options(null),
    out,
    format: 'csv',
    onProgress: () => {
      throw new Error('stopped on the way');
    },
  });
  await expect(failing).rejects.toThrow('stopped on the way');
  expect(await readdir(out)).toEqual([]);
});
