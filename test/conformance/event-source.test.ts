import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClickEvent, Decoded, EventSource } from '../../src/core/index.js';
import { createFileSource, type FileInputOptions } from '../../src/sources/files/index.js';
import { createSyntheticSource } from '../../src/sources/synthetic/index.js';

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

interface Log {
  readonly firsts: readonly bigint[];
  readonly records: readonly Decoded<ClickEvent>[];
}

/** Reads a partition to its end in chunks of the given sizes, over and over. */
async function readLog(source: EventSource, partition: number, sizes: readonly number[]): Promise<Log> {
  const firsts: bigint[] = [];
  const records: Decoded<ClickEvent>[] = [];
  for (let i = 0; ; i++) {
    const size = sizes[i % sizes.length]!;
    const chunk = await source.read(partition, size);
    expect(chunk.partition).toBe(partition);
    expect(chunk.records.length).toBeLessThanOrEqual(size);
    if (!chunk.last) expect(chunk.records.length).toBeGreaterThan(0);
    for (let k = 0; k < chunk.records.length; k++) firsts.push(chunk.first + BigInt(k));
    records.push(...chunk.records);
    if (chunk.last) return { firsts, records };
  }
}

async function reading<T>(
  create: () => Promise<EventSource>,
  from: (partitions: number) => bigint[],
  action: (source: EventSource) => Promise<T>,
): Promise<T> {
  const source = await create();
  try {
    await source.open(from(source.partitions.length));
    return await action(source);
  } finally {
    await source.close();
  }
}

const fromStart = (partitions: number): bigint[] => new Array<bigint>(partitions).fill(0n);

function readAll(create: () => Promise<EventSource>, sizes: readonly number[]): Promise<Log[]> {
  return reading(create, fromStart, async (source) => {
    const logs: Log[] = [];
    for (let i = 0; i < source.partitions.length; i++) logs.push(await readLog(source, i, sizes));
    return logs;
  });
}

describe.each(SOURCES)('event source %s', (_, create) => {
  it('has named partitions that hold something', async () => {
    const source = await create();
    const names = source.partitions.map(({ name }) => name);
    await source.close();
    expect(source.name).not.toBe('');
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    for (const log of await readAll(create, [1000])) expect(log.records.length).toBeGreaterThan(50);
  });

  it('numbers the records of a partition without gaps, from 0, in order of event time', async () => {
    for (const { firsts, records } of await readAll(create, [64])) {
      expect(firsts).toEqual(records.map((__, i) => BigInt(i)));
      const times = records.flatMap((record) => (record.ok ? [record.value.eventTimeMs] : []));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it('gives the same records whatever the sizes of the chunks', async () => {
    const whole = await readAll(create, [100_000]);
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sizes, async (drawn) => {
        expect(await readAll(create, drawn)).toEqual(whole);
      }),
      { numRuns: 5, examples: [[[1]]] },
    );
  });

  it('goes on from any position as if it had never stopped', async () => {
    const whole = await readAll(create, [1000]);
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (draws) => {
        const from = whole.map(({ records }) => (draws.next().value as number) % (records.length + 1));
        await reading(
          create,
          () => from.map(BigInt),
          async (source) => {
            for (const [i, { firsts, records }] of whole.entries()) {
              const tail = await readLog(source, i, [97]);
              expect(tail.firsts).toEqual(firsts.slice(from[i]));
              expect(tail.records).toEqual(records.slice(from[i]));
            }
          },
        );
      }),
      { numRuns: 8 },
    );
    await reading(
      create,
      () => whole.map(({ records }) => BigInt(records.length)),
      async (source) => {
        for (const [i, { records }] of whole.entries()) {
          const end = await source.read(i, 10);
          expect(end).toEqual({ partition: i, first: BigInt(records.length), records: [], last: true });
        }
      },
    );
  });

  it('keeps its partitions apart when they are read in turn', async () => {
    const whole = await readAll(create, [1000]);
    await reading(create, fromStart, async (source) => {
      const heads = whole.map(() => [] as Decoded<ClickEvent>[]);
      for (let round = 0; round < 3; round++) {
        for (const head of heads.keys()) heads[head]!.push(...(await source.read(head, 7)).records);
      }
      expect(heads).toEqual(whole.map(({ records }) => records.slice(0, 21)));
    });
  });

  it('may be closed before it is opened, and before its end', async () => {
    const unopened = await create();
    await expect(unopened.close()).resolves.toBeUndefined();
    const source = await create();
    await source.open(fromStart(source.partitions.length));
    await source.read(0, 3);
    await expect(source.close()).resolves.toBeUndefined();
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
