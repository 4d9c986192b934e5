import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Scorer, VersionDirectory, VersionFollower } from '../../src/client/index.js';
import { PublishingRun } from '../unit/client/publishing-run.js';
import { expectSameLogits, pythonLacks } from './python.js';

// The versions that the learner writes, read with public Python packages, give its scores.

const missing = pythonLacks('numpy', 'safetensors', 'xxhash');
const directory = mkdtempSync(join(tmpdir(), 'dadin-python-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.skipIf(missing).each([
  ['default', 'delta', []],
  ['default', 'delta', ['publish.rows=float16']],
  ['default', 'delta', ['publish.rows=int8']],
  // its few embeddings weigh less than the dense part, which every version holds
  ['paper', 'full', ['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16']],
])('numpy and safetensors reproduce the scores to 1e-5: preset %s, %s, %j', async (preset, kind, keys) => {
  const path = mkdtempSync(join(directory, preset));
  const run = await PublishingRun.start(new VersionDirectory(path), [...keys, 'publish.everySteps=2'], 2000);
  const last = () => run.outcomes.at(-1) as { readonly kind?: string } | undefined;
  while ((await run.toNextVersion()) && !(run.outcomes.length > 30 && last()?.kind === kind));
  const scorer = await Scorer.create();
  await new VersionFollower(new VersionDirectory(path), scorer, (problem) => expect(problem).toBeNull()).advance();
  expect(scorer.version?.manifest.kind).toBe(kind);

  expectSameLogits(scorer, 'dadin_version.py', [path]);
});
