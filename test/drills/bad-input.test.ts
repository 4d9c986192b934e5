import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, runWell, start, summaryOf, temporaryDirectory } from './command-line.js';
import { SMALL } from './small-log.js';

const directory = temporaryDirectory('bad');
const HEADER = 'id,user,item,time,label';
const ROWS = 600;

const row = (i: number, changes: { readonly time?: string | number; readonly label?: string } = {}): string =>
  `e${i},u${i % 7},i${i % 11},${changes.time ?? i * 1000},${changes.label ?? (i % 5 === 0 ? '1' : '0')}`;
const rows = (changes?: (i: number) => { readonly time?: string | number; readonly label?: string }): string[] =>
  Array.from({ length: ROWS }, (_, i) => row(i, changes?.(i)));

/** A configuration over these files, in a folder of its own. */
function configOf(name: string, files: Readonly<Record<string, string>>, sort = 'never'): string {
  const folder = join(directory, name);
  mkdirSync(folder);
  const entries = Object.entries(files).map(([domain, text]) => {
    // ids of their own
    writeFileSync(join(folder, `${domain}.csv`), text.replaceAll(/^e(?=\d)/gm, domain));
    const columns = {
      eventId: 'id',
      userId: 'user',
      itemId: 'item',
      eventTime: { column: 'time' },
      label: { column: 'label', equals: ['1'], negatives: ['0'] },
    };
    return { domain, paths: [`${domain}.csv`], sort, columns };
  });
  const path = join(folder, 'config.yaml');
  writeFileSync(path, JSON.stringify({ input: { kind: 'files', files: entries } }));
  return path;
}

const text = (lines: readonly string[]): string => `${[HEADER, ...lines].join('\n')}\n`;
const good = text(rows());

describe('is refused before anything is learned', () => {
  it.each([
    ['an empty file', '', 'DADIN_SOURCE_EMPTY'],
    ['a header and nothing else', `${HEADER}\n`, 'DADIN_SOURCE_EMPTY'],
    ['another header', good.replace('user', 'visitor'), 'DADIN_SOURCE_HEADER'],
    ['no header', good.slice(HEADER.length + 1), 'DADIN_SOURCE_HEADER'],
  ])('%s', async (name, target, code) => {
    const refused = await run([
      'replay',
      '--config',
      configOf(name.replaceAll(' ', '-'), { target, source: good }),
      ...SMALL,
    ]);
    expect(refused.stderr).toContain(`${code}: `);
    expect(refused.stderr).toContain('target.csv');
    expect(refused.status).toBe(3);
    expect(refused.stdout).toBe('');
  });
});

describe('is counted, put among the dead letters, and the run goes on', () => {
  it.each([
    ['a file that ends in the middle of a record', good.slice(0, -8), { DADIN_RECORD_TRUNCATED: 1 }],
    [
      'a time that is none',
      text(rows((i) => (i % 10 === 3 ? { time: 'noon' } : {}))),
      { DADIN_RECORD_TIME: ROWS / 10 },
    ],
    [
      'labels other than declared',
      text(rows((i) => (i % 20 === 3 ? { label: 'maybe' } : i % 20 === 4 ? { label: '' } : {}))),
      { DADIN_RECORD_LABEL: ROWS / 10 },
    ],
    [
      'time running backwards in a log that is not to be sorted',
      text(rows((i) => (i % 50 === 30 ? { time: (i - 25) * 1000 } : {}))),
      { DADIN_RECORD_LATE: ROWS / 50 },
    ],
    [
      'lines of rubbish',
      text(rows().flatMap((line, i) => (i % 100 === 0 ? ['\u0000\u0001\ufffd', line, '"open'] : [line]))),
      null,
    ],
  ])('%s', async (name, target, codes) => {
    const letters = join(directory, `${name.replaceAll(' ', '-')}.jsonl`);
    const config = configOf(name.replaceAll(' ', '-'), { target, source: good });
    const summary = await runWell(['replay', '--config', config, ...SMALL, '--dead-letters', letters]);
    const counts: Record<string, number> = {};
    for (const line of readFileSync(letters, 'utf8').trimEnd().split('\n')) {
      const { code } = JSON.parse(line) as { code: string };
      counts[code] = (counts[code] ?? 0) + 1;
    }
    const dead = Object.values(counts).reduce((a, b) => a + b);
    expect(summary.deadLetters).toBe(dead);
    if (codes === null) expect(summary.events).toBeGreaterThan(ROWS);
    else {
      expect(counts).toEqual(codes);
      expect(summary.events).toBe(2 * ROWS - dead);
    }
    expect(summary.domains.source).toMatchObject({ rows: ROWS, logLoss: expect.any(Number), auc: expect.any(Number) });
  });
});

it('time running backwards is put in order where sorting is on', async () => {
  const backwards = text(rows().reverse());
  const sorted = await runWell([
    'replay',
    '--config',
    configOf('sorted', { target: backwards, source: good }, 'auto'),
    ...SMALL,
  ]);
  const inOrder = await runWell([
    'replay',
    '--config',
    configOf('in-order', { target: good, source: good }, 'auto'),
    ...SMALL,
  ]);
  expect(sorted).toMatchObject({ digest: inOrder.digest, deadLetters: 0, events: 2 * ROWS });
});

it('a stream of one class is learned, without an AUC', async () => {
  const negatives = text(rows(() => ({ label: '0' })));
  const summary = await runWell([
    'replay',
    '--config',
    configOf('one-class', { target: negatives, source: negatives }),
    ...SMALL,
  ]);
  for (const domain of Object.values(summary.domains)) {
    expect(domain).toMatchObject({ rows: ROWS, positives: 0, auc: null, logLoss: expect.any(Number) });
  }
  expect(summary.discardedSteps).toBe(0);
});

it.each(['target', 'source'] as const)('a stream of the %s domain alone is learned', async (domain) => {
  const summary = await runWell(['replay', '--config', configOf(`only-${domain}`, { [domain]: good }), ...SMALL]);
  const other = domain === 'target' ? 'source' : 'target';
  expect(summary.domains[domain]).toMatchObject({ rows: ROWS, auc: expect.any(Number), logLoss: expect.any(Number) });
  expect(summary.domains[other]).toMatchObject({ rows: 0, auc: null, logLoss: null });
  expect(summary.discardedSteps).toBe(0);
});

it('a line of two gigabytes is one dead letter, in memory that does not grow with it', async () => {
  const config = configOf('long-line', { target: good, source: good });
  const file = openSync(join(directory, 'long-line', 'target.csv'), 'r+');
  // zeros that take no room on the disk
  ftruncateSync(file, 2 ** 31);
  writeSync(file, `\ntarget${row(ROWS)}\n`, 2 ** 31);
  closeSync(file);
  const process = start(['replay', '--config', config, ...SMALL, '--json']);
  let peakBytes = 0;
  const watching = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakMemoryOf(process.child.pid!));
  }, 50);
  const finished = await process.finished;
  clearInterval(watching);
  expect(summaryOf(finished)).toMatchObject({ deadLetters: 1, events: 2 * ROWS + 1 });
  expect(peakBytes).toBeGreaterThan(0);
  expect(peakBytes).toBeLessThan(600 * 2 ** 20);
});

/** Greatest resident memory so far, in bytes; 0 once the process is gone. */
function peakMemoryOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
