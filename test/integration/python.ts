import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScoreRequest, Scorer } from '../../src/client/index.js';
import { SeededRandom } from '../../src/core/index.js';

const root = join(import.meta.dirname, '..', '..');
const own = join(root, '.python', 'bin', 'python');
const python = existsSync(own) ? own : 'python3';

/** Whether Python lacks one of the packages; says so, since tests are then skipped. */
export function pythonLacks(...packages: readonly string[]): boolean {
  const missing = spawnSync(python, ['-c', `import ${packages.join(', ')}`]).status !== 0;
  if (missing) {
    process.stderr.write(
      `\nSKIPPED: Python without ${packages.join(', ')}. \`python3 -m venv .python && .python/bin/pip install -r examples/python/requirements.txt\`\n\n`,
    );
  }
  return missing;
}

/** Requests for the items and users of `PublishingRun`, known and unknown ones, with histories from none to too long. */
function scoreRequests(): ScoreRequest[] {
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

/** The logits of an example in `examples/python`, request by request, are the scorer's to 1e-5. */
export function expectSameLogits(scorer: Scorer, script: string, args: readonly string[]): void {
  const input = scoreRequests();
  const lines = execFileSync(python, [join(root, 'examples', 'python', script), ...args], {
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
    expect(logits).toHaveLength(expected.logits.length);
    for (const [k, logit] of logits.entries()) expect(Math.abs(logit - expected.logits[k]!)).toBeLessThan(1e-5);
  }
}
