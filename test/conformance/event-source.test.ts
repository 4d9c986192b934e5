import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import type { EventSource } from '../../src/core/index.js';
import { createFileSource, type FileInputOptions } from '../../src/sources/files/index.js';
import { createSyntheticSource } from '../../src/sources/synthetic/index.js';
import { EVENT_SOURCE_LAWS, readAll } from './event-source-laws.js';

const directory = await mkdtemp(join(tmpdir(), 'dadin-sources-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Row {
  readonly user: string;
  readonly item: string;
  readonly time: number;
  readonly label: string;
}

/** Many equal times, and a bad label now and then. */
function rows(count: number, timeOf: (i: number) => number): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    user: `u${i % 11}`,
    item: `item ${i}`,
    time: timeOf(i),
    label: i % 53 === 52 ? 'odd' : i % 4 === 0 ? '1' : '0',
  }));
}

const ORDERED = rows(700, (i) => Math.floor(i / 3));
const GROUPED = rows(700, (i) => (i * 37) % 211);

const csv = (list: readonly Row[]): string =>
  `user,item,time,label\n${list.map((row) => `${row.user},"${row.item}",${row.time},${row.label}\n`).join('')}`;
const jsonl = (list: readonly Row[]): string => list.map((row) => `${JSON.stringify(row)}\n`).join('');

async function container(list: readonly Row[]): Promise<Buffer> {
  const type = avro.Type.forSchema({
    type: 'record',
    name: 'Row',
    fields: ['user', 'item', 'time', 'label'].map((name) => ({ name, type: name === 'time' ? 'long' : 'string' })),
  } as avro.Schema);
  const encoder = new avro.streams.BlockEncoder(type, { codec: 'deflate', blockSize: 3000 });
  for (const row of list) encoder.write(row);
  encoder.end();
  return Buffer.concat((await encoder.toArray()) as Buffer[]);
}

function parquet(list: readonly Row[]): Uint8Array {
  const columnData = (['user', 'item', 'label'] as const).map((name) => ({
    name: name as string,
    data: list.map((row): unknown => row[name]),
    type: 'STRING' as 'STRING' | 'INT64',
  }));
  columnData.push({ name: 'time', data: list.map((row) => BigInt(row.time)), type: 'INT64' });
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 90 }));
}

/** The same log in two files, in each format. */
const FILES: readonly [string, (list: readonly Row[]) => string | Uint8Array | Promise<Uint8Array>][] = [
  ['csv', csv],
  ['csv.gz', (list) => gzipSync(csv(list))],
  ['jsonl', jsonl],
  ['avro', container],
  ['parquet', parquet],
];

for (const [extension, write] of FILES) {
  await writeFile(join(directory, `ordered-1.${extension}`), await write(ORDERED.slice(0, 300)));
  await writeFile(join(directory, `ordered-2.${extension}`), await write(ORDERED.slice(300)));
}
await writeFile(join(directory, 'grouped.csv'), csv(GROUPED));

function entry(path: string): FileInputOptions {
  return {
    domain: 'target',
    paths: [path],
    format: 'auto',
    delimiter: ',',
    listSeparator: null,
    columns: {
      eventId: null,
      kind: null,
      impressionId: null,
      userId: 'user',
      itemId: 'item',
      eventTime: { column: 'time', format: 'ms', timeZone: 'UTC' },
      label: { column: 'label', equals: ['1'], negatives: ['0'] },
      userFeatures: {},
      itemFeatures: {},
    },
    sort: 'auto',
  };
}

const files = (paths: readonly string[], sortMemoryBytes = 1 << 20): Promise<EventSource> =>
  createFileSource(paths.map(entry), { baseDirectory: directory, sortMemoryBytes });

/** Every implementation of EventSource with a bounded log of a few hundred records in order of event time. */
const SOURCES: readonly [string, () => Promise<EventSource>][] = [
  ...FILES.map(([extension]): [string, () => Promise<EventSource>] => [
    `files: ${extension}`,
    () => files([`ordered-*.${extension}`]),
  ]),
  ['files: two logs', () => files(['ordered-1.csv', 'ordered-2.jsonl'])],
  ['files: sorted in memory', () => files(['grouped.csv'])],
  ['files: sorted through temporary files', () => files(['grouped.csv'], 10_000)],
  ['synthetic', () => Promise.resolve(createSyntheticSource({ preset: 'test', events: 900, seed: 3, messages: null }))],
];

describe.each(SOURCES)('event source %s', (_, create) => {
  it.each(EVENT_SOURCE_LAWS)('%s', async (__, holds) => {
    await holds(create);
  });
});

describe('the same log in every format', () => {
  it('is the same events', async () => {
    const [reference, ...others] = await Promise.all(
      FILES.map(async ([extension]) => {
        const [log] = await readAll(() => files([`ordered-*.${extension}`]), [1000]);
        return log!.records.map((record) => (record.ok ? record.value : record.bad.code));
      }),
    );
    expect(reference).toHaveLength(700);
    for (const other of others) expect(other).toEqual(reference);
  });
});
