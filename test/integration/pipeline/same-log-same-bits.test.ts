import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import { parse } from 'csv-parse/sync';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { simulate } from '../../../pipelines/simulate.js';
import { DOMAINS } from '../../../src/core/index.js';
import { replayInProcess } from './in-process.js';

// The same events, however they lie on the disk, make the same fold.

const SYNTHETIC = { preset: 'test', seed: 3, events: 2500, sourceRatio: 1.5, messages: null } as const;
const COLUMNS = {
  eventId: 'eventId',
  userId: 'userId',
  itemId: 'itemId',
  eventTime: { column: 'eventTimeMs' },
  label: { column: 'clicked', equals: ['1'], negatives: ['0'] },
  userFeatures: { age: 'age', city: 'city' },
  itemFeatures: { topic: 'topic' },
};

const directory = mkdtempSync(join(tmpdir(), 'dadin-same-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Row = Readonly<Record<string, string>>;
const rowsOf = new Map<string, Row[]>();
let expected: string;

beforeAll(async () => {
  await simulate({ synthetic: SYNTHETIC, out: directory, format: 'csv' });
  for (const domain of DOMAINS)
    rowsOf.set(domain, parse(readFileSync(join(directory, `${domain}.csv`)), { columns: true }));
  expected = await digestOf((domain) => [`${domain}.csv`]);
});

it('as one CSV file a domain: the bits of the generated stream itself', async () => {
  const config = { input: { synthetic: SYNTHETIC }, features: { shared: ['topic'] } };
  expect((await replayInProcess(config, [])).digest).toBe(expected);
});

it('as three logs a domain', async () => {
  for (const domain of DOMAINS) {
    for (const part of [0, 1, 2]) writeFileSync(join(directory, `${domain}.${part}.csv`), csv(rowsIn(domain, part)));
  }
  expect(await digestOf((domain) => [0, 1, 2].map((part) => `${domain}.${part}.csv`))).toBe(expected);
});

it('as JSON Lines, gzipped', async () => {
  for (const domain of DOMAINS) {
    const lines = rowsOf.get(domain)!.map((row) => `${JSON.stringify({ ...row, eventTimeMs: timeOf(row) })}\n`);
    writeFileSync(join(directory, `${domain}.jsonl.gz`), gzipSync(lines.join('')));
  }
  expect(await digestOf((domain) => [`${domain}.jsonl.gz`])).toBe(expected);
});

it('as Avro files', async () => {
  for (const domain of DOMAINS) await writeAvro(join(directory, `${domain}.avro`), rowsOf.get(domain)!);
  expect(await digestOf((domain) => [`${domain}.avro`])).toBe(expected);
});

it('as Parquet files', async () => {
  for (const domain of DOMAINS) {
    const rows = rowsOf.get(domain)!;
    const columnData = Object.keys(rows[0]!).map((name) =>
      name === 'eventTimeMs'
        ? { name, data: rows.map((row) => BigInt(timeOf(row))), type: 'INT64' as const }
        : { name, data: rows.map((row) => row[name]!), type: 'STRING' as const },
    );
    const bytes = parquetWriteBuffer({ columnData, rowGroupSize: 300 });
    writeFileSync(join(directory, `${domain}.parquet`), new Uint8Array(bytes));
  }
  expect(await digestOf((domain) => [`${domain}.parquet`])).toBe(expected);
});

it('in any order, once sorted on the way in', async () => {
  for (const domain of DOMAINS) {
    const shuffled = rowsOf
      .get(domain)!
      .toSorted((a, b) => Number(a['userId']!.slice(1)) - Number(b['userId']!.slice(1)));
    writeFileSync(join(directory, `${domain}.by-user.csv`), csv(shuffled));
  }
  expect(await digestOf((domain) => [`${domain}.by-user.csv`])).toBe(expected);
});

async function digestOf(files: (domain: string) => readonly string[]): Promise<string> {
  const entries = DOMAINS.flatMap((domain) =>
    files(domain).map((path) => ({ domain, paths: [path], columns: COLUMNS })),
  );
  const config = { input: { kind: 'files', files: entries }, features: { shared: ['topic'] } };
  const summary = await replayInProcess(config, [], directory);
  expect(summary).toMatchObject({ events: SYNTHETIC.events, deadLetters: 0, duplicates: 0 });
  return summary.digest;
}

function rowsIn(domain: string, part: number): Row[] {
  return rowsOf.get(domain)!.filter((_, i) => (i * 7) % 3 === part);
}

function csv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]!);
  return `${[names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.join(',')).join('\n')}\n`;
}

function timeOf(row: Row): number {
  return Number(row['eventTimeMs']);
}

async function writeAvro(path: string, rows: readonly Row[]): Promise<void> {
  const fields = Object.keys(rows[0]!).map((name) => ({ name, type: name === 'eventTimeMs' ? 'long' : 'string' }));
  const file = avro.createFileEncoder(path, { type: 'record', name: 'Row', fields } as avro.Schema, {
    blockSize: 4096,
  });
  for (const row of rows) file.write({ ...row, eventTimeMs: timeOf(row) });
  file.end();
  await once(file, 'finish');
}
