import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { replay } from '../../../pipelines/replay.js';
import { setResetPoint } from '../../../pipelines/reset-points.js';
import { listCheckpoints, nameOf, readCheckpoint, readManifest } from '../../../src/checkpoint/index.js';
import { parseConfig } from '../../../src/config/index.js';
import { VersionDirectory } from '../../../src/versions/index.js';

// A learner that a rollback puts back to an older checkpoint, with a real model: the journal says where, and the bits follow.

const directory = mkdtempSync(join(tmpdir(), 'dadin-rollback-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KEYS = [
  'input.synthetic.preset=test',
  'input.synthetic.events=3000',
  'features.shared=[topic]',
  'model.width=8',
  'model.hidden=[16,8]',
  'checkpoint.everySteps=10',
  'checkpoint.keep=100',
  'publish.everySteps=10',
  'publish.keep=100',
  'publish.gate={minRows: 50, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null, maxRateShift: null}',
];

async function run(name: string, journal: string | null) {
  const path = join(directory, name);
  const overrides = [...KEYS, `checkpoint.directory=${path}/checkpoints`, `publish.directory=${path}/versions`];
  const steps: number[] = [];
  const summary = await replay(parseConfig('', 'test', { env: {}, overrides }), {
    baseDirectory: directory,
    resume: 'never',
    ...(journal === null ? {} : { journal }),
    stop: new AbortController().signal,
    observer: { started() {}, turn: ({ report }) => void (report && steps.push(report.step)), notice() {} },
  });
  return {
    summary,
    steps,
    checkpoints: join(path, 'checkpoints'),
    versions: new VersionDirectory(join(path, 'versions')),
  };
}

it('goes on from the older weights at the place in the journal, with a full version next, twice the same', async () => {
  const plain = await run('plain', null);
  const kept = await plain.versions.kept();
  const bad = kept[3]!;
  const good = kept[1]!;
  const point = await setResetPoint(plain.checkpoints, good.manifest);
  const manifest = await readManifest(join(plain.checkpoints, point.checkpoint));
  expect(manifest.events).toBeLessThanOrEqual(good.manifest.events);
  expect((await readCheckpoint(join(plain.checkpoints, 'reset', point.checkpoint))).manifest.digest).toBe(point.digest);

  const beside = join(directory, 'journal');
  mkdirSync(beside);
  cpSync(join(plain.checkpoints, 'reset'), join(beside, 'reset'), { recursive: true });
  const request = { id: 'r', command: 'rollback', version: 2, reason: 'bad', resetLearner: true };
  const decision = { kind: 'control', events: bad.manifest.events + 5, request, reset: point };
  writeFileSync(join(beside, 'journal.jsonl'), `${JSON.stringify(decision)}\n`);

  const back = await run('back', join(beside, 'journal.jsonl'));
  const again = await run('again', join(beside, 'journal.jsonl'));
  expect(again.summary.digest).toBe(back.summary.digest);
  expect(back.summary.digest).not.toBe(plain.summary.digest);
  expect(back.steps.indexOf(manifest.step + 1, bad.manifest.step)).toBeGreaterThan(0);
  const versions = await back.versions.kept();
  expect(versions.slice(0, 4).map(({ digest }) => digest)).toEqual(kept.slice(0, 4).map(({ digest }) => digest));
  expect(versions[4]!.manifest).toMatchObject({ kind: 'full', parent: { digest: bad.digest } });
  expect(versions[4]!.manifest.wholeBecause).toMatch(/put back/);
  expect((await again.versions.kept()).map(({ digest }) => digest)).toEqual(versions.map(({ digest }) => digest));
});

it('refuses where no checkpoint is kept that the version may come from', async () => {
  const checkpoints = join(directory, 'plain', 'checkpoints');
  const first = await readManifest(join(checkpoints, nameOf((await listCheckpoints(checkpoints))[0]!)));
  const { events, configDigest } = first;
  await expect(setResetPoint(checkpoints, { number: 1, events: events - 1, configDigest })).rejects.toThrow(
    /no checkpoint/,
  );
  await expect(setResetPoint(checkpoints, { number: 1, events, configDigest: 'x' })).rejects.toThrow(/no checkpoint/);
});
