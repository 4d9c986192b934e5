import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VersionDirectory } from '../../src/client/index.js';
import { PublishingRun } from '../unit/client/publishing-run.js';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'dadin-examples-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let newest = 0;
beforeAll(async () => {
  const run = await PublishingRun.start(new VersionDirectory(directory), [], 800);
  await run.toEnd();
  newest = run.outcomes.length;
});

function example(name: string, args: readonly string[], input = ''): string {
  return execFileSync(process.execPath, [join(root, 'examples', name), directory, ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

it('1-subscribe.mjs scores with the newest version', () => {
  expect(example('1-subscribe.mjs', ['--once'])).toMatch(
    new RegExp(`^version ${newest} \\((full|delta), step \\d+\\): 0\\.\\d{4} 0\\.\\d{4}$`, 'm'),
  );
});

it('2-histories.mjs scores with the history that the events tell', () => {
  const click = { domain: 'target', userId: 'u1', item: { id: 'i7', features: { topic: 't0' } }, eventTimeMs: 1000 };
  const score = (input: string) => JSON.parse(example('2-histories.mjs', ['u1', 'i3', 'i4'], input));
  const [without, withClick] = [score(''), score(`${JSON.stringify(click)}\n`)];
  expect(without).toMatchObject({ version: newest });
  expect(without.probabilities).toHaveLength(2);
  expect(withClick.probabilities).not.toEqual(without.probabilities);
});
