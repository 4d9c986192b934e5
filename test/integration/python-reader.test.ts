import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type ScoreRequest, Scorer, VersionDirectory, VersionFollower } from '../../src/client/index.js';
import { SeededRandom } from '../../src/core/index.js';
import { PublishingRun } from '../unit/client/publishing-run.js';

// The versions that the learner writes, read with public Python packages, give its scores.

const root = join(import.meta.dirname, '..', '..');
const own = join(root, '.python', 'bin', 'python');
const python = existsSync(own) ? own : 'python3';
const missing = spawnSync(python, ['-c', 'import numpy, safetensors, xxhash']).status !== 0;
if (missing) {
  process.stderr.write(
    '\nSKIPPED: the Python reader is not tested. `python3 -m venv .python && .python/bin/pip install -r examples/python/requirements.txt`\n\n',
  );
}

const directory = mkdtempSync(join(tmpdir(), 'dadin-python-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function requests(): ScoreRequest[] {
  const random = new SeededRandom(5, 'requests');
  const item = () => {
    const k = random.below(70);
    return { id: `i${k}`, features: { topic: `t${k % 7}`, tags: [`x${k % 3}`, `y${k % 5}`] } };
  };
  const items = (n: number) => Array.from({ length: n }, item);
  return Array.from({ length: 25 }, (_, k) => ({
    domain: k % 3 === 0 ? ('source' as const) : ('target' as const),
    user: { id: `u${random.below(50)}`, features: { age: String(random.below(5)) } },
    candidates: items(1 + random.below(6)),
    histories: { target: items(random.below(25)), source: items(random.below(4)) },
  }));
}

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

  const input = requests();
  const lines = execFileSync(python, [join(root, 'examples', 'python', 'dadin_version.py'), path], {
    input: input.map((request) => `${JSON.stringify(request)}\n`).join(''),
    encoding: 'utf8',
  });
  const answers = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { version: number; logits: number[] });
  expect(answers).toHaveLength(input.length);
  for (const [i, { version, logits }] of answers.entries()) {
    const expected = scorer.score(input[i]!);
    expect(version).toBe(expected.version);
    for (const [k, logit] of logits.entries()) expect(Math.abs(logit - expected.logits[k]!)).toBeLessThan(1e-5);
  }
});
