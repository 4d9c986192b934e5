import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSource } from '../../../pipelines/assembly.js';
import { replay } from '../../../pipelines/replay.js';
import { unlearn } from '../../../pipelines/unlearn.js';
import { CheckpointDirectory } from '../../../src/checkpoint/index.js';
import { type Config, loadConfig } from '../../../src/config/index.js';
import type { ClickEvent } from '../../../src/core/index.js';
import { VersionDirectory } from '../../../src/versions/index.js';
import { messyLog } from '../../drills/small-log.js';

// What comes of unlearning a user is what training on the log without the user comes to: clicks told later, disorder, late
// records and undecodable lines included.

const directory = mkdtempSync(join(tmpdir(), 'dadin-unlearn-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const quiet = { started() {}, turn() {}, notice() {} };
const stop = new AbortController().signal;
const log = join(directory, 'log');
let path: string;
let events: ClickEvent[];

const KEYS = [
  'model.width=8',
  'model.hidden=[16,8]',
  'batching.size=16',
  'checkpoint.everySteps=20',
  'checkpoint.keep=100',
  'publish.everySteps=20',
  'publish.keep=100',
  'publish.gate={minRows: 0, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null}',
];

async function config(file: string, name: string): Promise<Config> {
  const overrides = [
    ...KEYS,
    `checkpoint.directory=${join(directory, name, 'checkpoints')}`,
    `publish.directory=${join(directory, name, 'versions')}`,
  ];
  return await loadConfig(file, { env: {}, overrides });
}

/** Digest of the log without the lines of the user, and of the clicks on what was shown to them. */
async function digestWithout(userId: string): Promise<string> {
  const filtered = mkdtempSync(join(directory, 'without-'));
  const own = events.filter((event) => event.userId === userId);
  const ids = new Set(own.flatMap(({ impressionId, eventId }) => [impressionId, eventId, userId]));
  for (const name of readdirSync(log)) {
    const text = readFileSync(join(log, name), 'utf8');
    const lines = text.split('\n').filter((line) => !line.split(',').some((cell) => ids.has(cell)));
    writeFileSync(join(filtered, name), name.endsWith('.csv') ? lines.join('\n') : text);
  }
  const loaded = await config(join(filtered, 'config.yaml'), `learned-${userId}`);
  return (await replay(loaded, { baseDirectory: filtered, resume: 'never', stop, observer: quiet })).digest;
}

beforeAll(async () => {
  mkdirSync(log);
  path = await messyLog(log, 1500);
  const loaded = await config(path, 'live');
  events = [];
  const source = await createSource(loaded, log);
  await source.open(source.partitions.map(() => 0n));
  for (const partition of source.partitions.keys()) {
    for (let last = false; !last; ) {
      const chunk = await source.read(partition, 4096);
      for (const record of chunk.records) if (record.ok) events.push(record.value);
      last = chunk.last;
    }
  }
  await source.close();
  await replay(loaded, { baseDirectory: log, resume: 'never', stop, observer: quiet });
});

/** Users by the time of their first record, oldest first. */
function users(): string[] {
  const first = new Map<string, number>();
  for (const { userId, eventTimeMs } of events)
    if (userId !== '') first.set(userId, Math.min(eventTimeMs, first.get(userId) ?? Number.POSITIVE_INFINITY));
  return [...first].sort((a, b) => a[1] - b[1]).map(([userId]) => userId);
}

it('a user who came late: from a checkpoint before, and the versions since are replaced', async () => {
  const userId = users().at(-8)!;
  const loaded = await config(path, 'live');
  const versions = new VersionDirectory(join(directory, 'live', 'versions'));
  const before = await versions.kept();
  const out = join(directory, 'late');
  const result = await unlearn(loaded, { baseDirectory: log, userId, out, stop, observer: quiet });
  expect(result.from).not.toBeNull();
  expect(result.taintedCheckpoints.length).toBeGreaterThan(0);
  expect(result.digest).toBe(await digestWithout(userId));

  const newest = before.at(-1)!;
  expect(result.taintedVersions).toContain(newest.number);
  expect(Math.min(...result.correctedVersions)).toBe(newest.number + 1);
  const after = await versions.kept();
  expect(after.map(({ number }) => number)).toEqual([
    ...before.map(({ number }) => number).filter((number) => !result.taintedVersions.includes(number)),
    ...result.correctedVersions,
  ]);
  const corrected = after.find(({ number }) => number === newest.number + 1)!;
  expect(corrected.manifest).toMatchObject({ kind: 'full', lineage: newest.manifest.lineage });
  const lastGood = before.findLast(({ number }) => !result.taintedVersions.includes(number))!;
  expect(corrected.manifest.parent?.digest).toBe(lastGood.digest);
  // the report is no record of the user
  expect(JSON.stringify(result)).not.toContain(userId);
});

it('a user who was there from the first: the whole log is learned again', async () => {
  const userId = users()[0]!;
  const notices: string[] = [];
  const observer = { ...quiet, notice: (message: string) => void notices.push(message) };
  const loaded = await config(path, 'live');
  const out = join(directory, 'early');
  const result = await unlearn(loaded, { baseDirectory: log, userId, out, stop, observer });
  expect(result.from).toBeNull();
  expect(notices.join()).toMatch(/whole log/);
  expect(result.digest).toBe(await digestWithout(userId));
  expect(result.correctedVersions.length).toBeGreaterThan(0);
  const kept = await new VersionDirectory(join(directory, 'live', 'versions')).kept();
  expect(new Set(kept.map(({ manifest }) => manifest.lineage)).size).toBe(1);
});

it('refuses a user whom the log does not know, and a learner that goes on', async () => {
  const loaded = await config(path, 'live');
  const options = { baseDirectory: log, userId: 'nobody', out: join(directory, 'none'), stop, observer: quiet };
  await expect(unlearn(loaded, options)).rejects.toMatchObject({ code: 'DADIN_USAGE' });
  const owner = await CheckpointDirectory.own(join(directory, 'live', 'checkpoints'), 100);
  await expect(unlearn(loaded, options)).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_LOCKED' });
  await owner.release();
});
