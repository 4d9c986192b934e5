import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Scorer, VersionDirectory, VersionFollower } from '../../src/client/index.js';
import { PublishingRun } from '../unit/client/publishing-run.js';
import { expectSameLogits, pythonLacks } from './python.js';

// An exported version, run by onnxruntime, gives the scores of the version.

const missing = pythonLacks('numpy', 'safetensors', 'xxhash', 'onnxruntime');
const directory = mkdtempSync(join(tmpdir(), 'dadin-onnx-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PAPER = ['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16'];

function dadin(...args: string[]) {
  return spawnSync(process.execPath, [join('bin', 'dadin-stream.js'), ...args], { encoding: 'utf8' });
}

async function published(keys: readonly string[]) {
  const path = mkdtempSync(join(directory, 'versions-'));
  const run = await PublishingRun.start(new VersionDirectory(path), [...keys, 'publish.everySteps=5'], 1500);
  await run.toEnd();
  const scorer = await Scorer.create();
  await new VersionFollower(new VersionDirectory(path), scorer, (problem) => expect(problem).toBeNull()).advance();
  return { path, scorer, number: scorer.version!.number };
}

it
  .skipIf(missing)
  .each([
    ['statistics, linear part and DADIN', []],
    ['the pure model of the paper', PAPER],
    ['other forms of its parts', [...PAPER, 'model.interestBias=inside', 'model.lastActivation=linear']],
    ...[1, 2, 3, 4, 5, 6].map((k): [string, string[]] => [`ablation ${k}`, [...PAPER, `model.ablation=${k}`]]),
    ['a share of the negatives', [...PAPER, 'labels.negativeRate=0.8']],
    ['a linear part alone', ['model.statistics=false']],
  ])('onnxruntime scores to 1e-5: %s', async (_, keys) => {
  const { path, scorer, number } = await published(keys);
  const file = join(path, 'scorer.onnx');
  const { status, stdout, stderr } = dadin('export', path, '--onnx', file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`version ${number} `);
  expectSameLogits(scorer, 'dadin_onnx.py', [file, path]);
});

it('a version by its number, and those that cannot be exported', async () => {
  const { path, number } = await published(PAPER);
  const file = join(path, 'scorer.onnx');
  const older = dadin('export', path, '--onnx', file, '--number', String(number - 1));
  expect(older.stdout).toContain(`version ${number - 1} `);
  const unknown = dadin('export', path, '--onnx', file, '--number', '999');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('holds no version 999');
  const nowhere = dadin('export', join(path, 'nothing'), '--onnx', file);
  expect(nowhere.status).toBe(2);
  const baseline = await published([...PAPER, 'model.kind=din']);
  const refused = dadin('export', baseline.path, '--onnx', file);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('a baseline (din)');
});
