import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { DOMAINS } from '../../src/core/index.js';
import { runWell, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

// The labels of many impressions of the first day are told on the second.

const directory = temporaryDirectory('cut');
const whole = new Outputs(join(directory, 'whole'));
let expected: ReplaySummary;

beforeAll(async () => {
  const config = await messyLog(directory, 3000);
  for (const domain of DOMAINS) cutInTwo(domain);
  configFor(config, 'both.yaml', (domain) => `[${domain}-1.csv, ${domain}-2.csv]`);
  configFor(config, 'first.yaml', (domain) => `[${domain}-1.csv]`);
  configFor(config, 'second.yaml', (domain) => `[${domain}-2.csv]`);
  configFor(config, 'growing.yaml', (domain) => `["${domain}-[0-9].csv"]`);
  expected = await replay('both.yaml', whole);
});

it('day 1 and then day 2 give the bits of both at once', async () => {
  const outputs = new Outputs(join(directory, 'days'));
  const first = await replay('first.yaml', outputs);
  expect(first.events).toBeLessThan(expected.events);
  const second = await replay('second.yaml', outputs, '--resume');
  expect(second).toMatchObject({ digest: expected.digest, events: expected.events, domains: expected.domains });
  const { predictions, metrics } = outputs.files();
  expect({ predictions, metrics }).toEqual({ predictions: whole.files().predictions, metrics: whole.files().metrics });
});

it('a log that grows by a file gives the bits of the grown one', async () => {
  const outputs = new Outputs(join(directory, 'growing'));
  for (const domain of DOMAINS) hide(`${domain}-2.csv`);
  await replay('growing.yaml', outputs);
  for (const domain of DOMAINS) hide(`${domain}-2.csv`, false);
  const grown = await replay('growing.yaml', outputs, '--resume');
  expect(grown).toMatchObject({ digest: expected.digest, events: expected.events, domains: expected.domains });
  expect(outputs.files().predictions).toBe(whole.files().predictions);
});

function replay(config: string, outputs: Outputs, ...more: readonly string[]): Promise<ReplaySummary> {
  return runWell(['replay', '--config', join(directory, config), ...SMALL, ...outputs.flags, ...more]);
}

/** By event time, each half in the order of arrival; lines without a time go to the first half. */
function cutInTwo(domain: string): void {
  const [header, ...lines] = readFileSync(join(directory, `${domain}.csv`), 'utf8')
    .trimEnd()
    .split('\n');
  const column = header!.split(',').indexOf('eventTimeMs');
  const timeOf = (line: string): number => Number(line.split(',')[column] ?? Number.NaN);
  const middleMs = Date.UTC(2026, 0, 2);
  for (const [name, isIn] of [
    ['1', (line: string) => !(timeOf(line) >= middleMs)],
    ['2', (line: string) => timeOf(line) >= middleMs],
  ] as const) {
    writeFileSync(join(directory, `${domain}-${name}.csv`), `${[header, ...lines.filter(isIn)].join('\n')}\n`);
  }
}

function configFor(from: string, name: string, paths: (domain: string) => string): void {
  const text = readFileSync(from, 'utf8').replace(
    /paths: \[(target|source)\.csv\]/g,
    (_, domain) => `paths: ${paths(domain)}`,
  );
  writeFileSync(join(directory, name), text);
}

function hide(name: string, hidden = true): void {
  const [from, to] = hidden ? [name, `${name}.later`] : [`${name}.later`, name];
  renameSync(join(directory, from!), join(directory, to!));
}
