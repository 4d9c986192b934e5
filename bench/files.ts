/**
 * File sources: events per processor second from bytes on disk to decoded events, by format, next to csv-parse alone (which only
 * cuts the text into fields) on the same file in the same breath; what looking at the order and sorting cost.
 * Run: npx tsx bench/files.ts [ROWS]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import { parse } from 'csv-parse/sync';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { SeededRandom } from '../src/core/index.js';
import { createFileSource, type FileInputOptions } from '../src/sources/files/index.js';

const COLUMNS = ['userId', 'itemId', 'rating', 'timestamp', 'year', 'genres'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

function clickRows(count: number, timeOf: (i: number) => number): Row[] {
  const random = new SeededRandom(1);
  return Array.from({ length: count }, (_, i) => ({
    userId: String(random.below(100_000)),
    itemId: String(random.below(9_000)),
    rating: `${1 + random.below(5)}.0`,
    timestamp: String(828_124_615_000 + timeOf(i) * 10),
    year: String(1980 + random.below(40)),
    genres: 'Crime|Drama|Horror',
  }));
}

const csv = (rows: readonly Row[]): string =>
  `${COLUMNS.join(',')}\n${rows.map((row) => `${COLUMNS.map((column) => row[column]).join(',')}\n`).join('')}`;

async function container(rows: readonly Row[]): Promise<Buffer> {
  const fields = COLUMNS.map((name) => ({ name, type: 'string' }));
  const type = avro.Type.forSchema({ type: 'record', name: 'Row', fields } as avro.Schema);
  const encoder = new avro.streams.BlockEncoder(type);
  const whole = encoder.toArray();
  for (const row of rows) encoder.write(row);
  encoder.end();
  return Buffer.concat((await whole) as Buffer[]);
}

function parquet(rows: readonly Row[]): Uint8Array {
  const columnData = COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name]), type: 'STRING' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function entry(path: string, sort: FileInputOptions['sort']): FileInputOptions {
  return {
    domain: 'target',
    paths: [path],
    format: 'auto',
    delimiter: ',',
    listSeparator: '|',
    columns: {
      eventId: null,
      kind: null,
      impressionId: null,
      userId: 'userId',
      itemId: 'itemId',
      eventTime: { column: 'timestamp', format: 'ms', timeZone: 'UTC' },
      label: { column: 'rating', atLeast: 4 },
      userFeatures: {},
      itemFeatures: {
        genre: { column: 'genres', list: true, divideBy: null },
        decade: { column: 'year', list: false, divideBy: 10 },
      },
    },
    sort,
  };
}

/** By the processor's time, all threads: other work on the machine does not count. */
async function perSecond(events: number, action: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(start);
  return events / ((user + system) / 1e6);
}

async function readAll(
  directory: string,
  file: string,
  sort: FileInputOptions['sort'],
  memory = 1 << 28,
): Promise<number> {
  const source = await createFileSource([entry(file, sort)], { baseDirectory: directory, sortMemoryBytes: memory });
  await source.open([0n]);
  let events = 0;
  for (let last = false; !last; ) {
    const chunk = await source.read(0, 4096);
    for (const record of chunk.records) if (record.ok) events++;
    last = chunk.last;
  }
  await source.close();
  return events;
}

const ROWS = Number(process.argv[2] ?? 300_000);
const ROUNDS = 3;
const directory = await mkdtemp(join(tmpdir(), 'dadin-bench-files-'));
try {
  const ordered = clickRows(ROWS, (i) => i);
  await writeFile(join(directory, 'a.csv'), csv(ordered));
  await writeFile(join(directory, 'a.csv.gz'), gzipSync(csv(ordered)));
  await writeFile(join(directory, 'a.jsonl'), ordered.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeFile(join(directory, 'a.avro'), await container(ordered));
  await writeFile(join(directory, 'a.parquet'), parquet(ordered));
  await writeFile(join(directory, 'grouped.csv'), csv(clickRows(ROWS, (i) => (i * 7919) % ROWS)));

  const cases: readonly [string, () => Promise<unknown>][] = [
    ['csv-parse alone, fields only', async () => parse(await readFile(join(directory, 'a.csv')))],
    ['CSV', () => readAll(directory, 'a.csv', 'never')],
    ['CSV, order looked at first', () => readAll(directory, 'a.csv', 'auto')],
    ['CSV, gzipped', () => readAll(directory, 'a.csv.gz', 'never')],
    ['JSON Lines', () => readAll(directory, 'a.jsonl', 'never')],
    ['Avro', () => readAll(directory, 'a.avro', 'never')],
    ['Parquet', () => readAll(directory, 'a.parquet', 'never')],
    ['CSV, sorted in memory', () => readAll(directory, 'grouped.csv', 'auto')],
    ['CSV, sorted through temporary files (8 MiB)', () => readAll(directory, 'grouped.csv', 'auto', 1 << 23)],
  ];
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, action] of cases) {
      best.set(name, Math.max(best.get(name) ?? 0, await perSecond(ROWS, action)));
    }
  }
  const peer = best.get('csv-parse alone, fields only')!;
  for (const [name, rate] of best) {
    console.log(`${name.padEnd(46)} ${Math.round(rate / 1000)} k events/s  ${(rate / peer).toFixed(2)} x csv-parse`);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
