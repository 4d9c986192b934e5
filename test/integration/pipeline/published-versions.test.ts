import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { certify } from '../../../pipelines/certify.js';
import type { PublishOutcome } from '../../../pipelines/publish.js';
import { replay } from '../../../pipelines/replay.js';
import { Scorer, VersionDirectory } from '../../../src/client/index.js';
import { parseConfig } from '../../../src/config/index.js';
import { decodeServing, readRefused } from '../../../src/versions/index.js';

// What is published is a function of the log: not of stops, resumes or where checkpoints were taken.

const KEYS = [
  'input.synthetic.preset=test',
  'input.synthetic.events=3000',
  'features.shared=[topic]',
  'model.width=8',
  'model.hidden=[16,8]',
  'publish.everySteps=8',
  'publish.fullEvery=3',
  'publish.keep=1000',
  'publish.gate={minRows: 50, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null, maxRateShift: null}',
];

const directory = mkdtempSync(join(tmpdir(), 'dadin-versions-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Run {
  readonly checkpointEverySteps: number;
  readonly stopAfterSteps?: number;
  readonly resume?: boolean;
  readonly keys?: readonly string[];
}

async function run(name: string, { checkpointEverySteps, stopAfterSteps, resume = false, keys = [] }: Run) {
  const overrides = [
    ...KEYS,
    `checkpoint.directory=${join(directory, name, 'checkpoints')}`,
    `checkpoint.everySteps=${checkpointEverySteps}`,
    `publish.directory=${join(directory, name, 'versions')}`,
    ...keys,
  ];
  const stop = new AbortController();
  const outcomes: PublishOutcome[] = [];
  const summary = await replay(parseConfig('', 'test', { env: {}, overrides }), {
    baseDirectory: directory,
    resume: resume ? 'always' : 'never',
    stop: stop.signal,
    observer: {
      started() {},
      turn({ report }) {
        if (report?.step === stopAfterSteps) stop.abort();
      },
      notice(message) {
        throw new Error(message);
      },
      published: (outcome) => outcomes.push(outcome),
    },
  });
  const kept = await new VersionDirectory(join(directory, name, 'versions')).kept();
  return { summary, outcomes, digests: kept.map(({ digest }) => digest) };
}

it('stopped and resumed, it publishes the very versions of an undisturbed run', async () => {
  const whole = await run('whole', { checkpointEverySteps: 1000 });
  expect(whole.digests.length).toBeGreaterThan(6);
  await run('parts', { checkpointEverySteps: 5, stopAfterSteps: 13 });
  await run('parts', { checkpointEverySteps: 1000, stopAfterSteps: 31, resume: true });
  const parts = await run('parts', { checkpointEverySteps: 7, resume: true });
  expect(parts.digests).toEqual(whole.digests);
  expect(parts.summary.digest).toBe(whole.summary.digest);

  // the same run again, from nothing, finds its versions there
  const again = await run('whole', { checkpointEverySteps: 1000 });
  expect(again.digests).toEqual(whole.digests);
  expect(again.outcomes.some((outcome) => 'written' in outcome && outcome.written)).toBe(false);
});

it('publishing changes nothing that is learned', async () => {
  const without = await run('without', { checkpointEverySteps: 1000, keys: ['publish.directory=null'] });
  const often = await run('often', { checkpointEverySteps: 1000, keys: ['publish.everySteps=3'] });
  expect(often.summary.digest).toBe(without.summary.digest);
});

it('another run is refused among versions that are not its own', async () => {
  await expect(run('whole', { checkpointEverySteps: 1000, keys: ['seed=2'] })).rejects.toMatchObject({
    code: 'DADIN_VERSION_FOREIGN',
  });
});

it('what the gate refuses is not published, and says why', async () => {
  const { digests, outcomes } = await run('refused', {
    checkpointEverySteps: 1000,
    keys: ['publish.gate.minAuc=0.95', 'publish.gate.minRows=50'],
  });
  expect(digests).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(3);
  expect(JSON.stringify(outcomes.at(-1))).toMatch(/target: AUC 0\.\d+ is surely below 0\.95/);
});

it('keeps refused versions apart, once for each row of refusals, and each can be scored with', async () => {
  const keys = ['publish.gate.minAuc=0.95', 'publish.gate.minRows=200'];
  const { outcomes } = await run('inspected', { checkpointEverySteps: 1000, keys });
  const path = join(directory, 'inspected', 'versions', 'refused');
  const refused = await readRefused(path);
  expect(refused.map(({ manifest }) => manifest.refused?.[0]?.replace(/[\d.]+/g, '#'))).toEqual([
    'target: # judged rows, fewer than #',
    'target: AUC # is surely below #',
  ]);
  expect(outcomes.filter((outcome) => 'refused' in outcome && outcome.keptAt !== null)).toHaveLength(2);
  for (const version of refused) {
    const scorer = await Scorer.create();
    scorer.load(version, decodeServing(await version.load(), version.manifest));
    expect(scorer.version?.digest).toBe(version.digest);
  }
  // the newest only
  await run('inspected', { checkpointEverySteps: 1000, keys: [...keys, 'publish.keepRefused=1'] });
  expect((await readRefused(path)).map(({ digest }) => digest)).toEqual([refused[1]?.digest]);
  await run('none', { checkpointEverySteps: 1000, keys: [...keys, 'publish.keepRefused=0'] });
  expect(await readRefused(join(directory, 'none', 'versions', 'refused'))).toEqual([]);
});

it('a certificate proves which versions come from the log', async () => {
  const { digests } = await run('certified', { checkpointEverySteps: 1000 });
  const kept = await new VersionDirectory(join(directory, 'certified', 'versions')).kept();
  const config = (...overrides: string[]) => parseConfig('', 'test', { env: {}, overrides: [...KEYS, ...overrides] });
  const fail = (message: string) => expect(message).toBe('no notice');
  const all = kept.map(({ number }) => number);
  expect(await certify(config(), kept, directory, fail)).toEqual({ proven: all, failed: [] });
  expect(all.length).toBe(digests.length);
  // the same log under another configuration
  expect(await certify(config('seed=2'), kept, directory, fail)).toEqual({ proven: [], failed: all });
});
