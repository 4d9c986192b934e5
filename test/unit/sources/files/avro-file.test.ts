import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import type { ClickEvent, Decoded } from '../../../../src/core/index.js';
import { createFileSource } from '../../../../src/sources/files/index.js';
import { CLICKS, drain, input, scratch, summary } from './file-fixtures.js';

const { directory, write } = await scratch();
const OPTIONS = { baseDirectory: directory, sortMemoryBytes: 1 << 20 };

const ROW = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'unused', type: { type: 'map', values: 'double' } },
    { name: 'user', type: 'long' },
    { name: 'item', type: 'string' },
    { name: 'time', type: 'long' },
    { name: 'label', type: 'boolean' },
    { name: 'tags', type: ['null', { type: 'array', items: 'string' }] },
  ],
} satisfies avro.Schema;

const columns = {
  ...CLICKS,
  label: { column: 'label', equals: ['true'], negatives: ['false'] },
  itemFeatures: { tag: { column: 'tags', list: true, divideBy: null } },
};

interface Row {
  readonly unused: Record<string, number>;
  readonly user: number;
  readonly item: string;
  readonly time: number;
  readonly label: boolean;
  readonly tags: readonly string[] | null;
}

function rows(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    unused: { x: i },
    user: i % 7,
    item: `i${i}`,
    time: i,
    label: i % 2 === 0,
    tags: i % 3 === 0 ? null : ['a', `${i}`],
  }));
}

async function container(records: readonly unknown[], codec: string, schema: avro.Schema = ROW): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(avro.Type.forSchema(schema), { codec, blockSize: 2000 });
  const parts: Buffer[] = [];
  encoder.on('data', (part: Buffer) => parts.push(part));
  for (const record of records) encoder.write(record);
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(parts);
}

async function readAll(name: string, maxRecordBytes = 1 << 20): Promise<readonly Decoded<ClickEvent>[]> {
  const source = await createFileSource([input(name, { columns })], { ...OPTIONS, maxRecordBytes });
  await source.open([0n]);
  const records = await drain(source);
  await source.close();
  return records;
}

const items = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `i${from + i}`);

describe('an Avro object container', () => {
  it.each(['null', 'deflate'])('is read by field name (codec %s)', async (codec) => {
    await write('rows.avro', await container(rows(500), codec));
    const records = await readAll('rows.avro');
    expect(summary(records)).toEqual(items(0, 500));
    expect(records[4]!.ok && records[4]!.value).toMatchObject({
      userId: '4',
      eventTimeMs: 4,
      clicked: true,
      itemFeatures: [{ name: 'tag', values: ['a', '4'] }],
    });
    expect(records[3]!.ok && records[3]!.value.itemFeatures).toEqual([]);
  });

  it('may be gzipped as a whole', async () => {
    await write('rows.avro.gz', gzipSync(await container(rows(500), 'null')));
    expect(summary(await readAll('rows.avro.gz'))).toEqual(items(0, 500));
  });

  it.each(['null', 'deflate'])(
    'that breaks off keeps its whole records and tells the loss (codec %s)',
    async (codec) => {
      const whole = await container(rows(500), codec);
      for (const share of [0.4, 0.55, 0.7, 0.999]) {
        await write('cut.avro', whole.subarray(0, Math.floor(whole.length * share)));
        const got = summary(await readAll('cut.avro'));
        const kept = got.filter((item) => item.startsWith('i'));
        expect(kept).toEqual(items(0, kept.length));
        if (kept.length < 500) expect(got.slice(kept.length)).toEqual(['DADIN_RECORD_TRUNCATED']);
      }
      await write('cut.avro.gz', gzipSync(whole).subarray(0, -2000));
      expect(summary(await readAll('cut.avro.gz')).at(-1)).toBe('DADIN_RECORD_TRUNCATED');
    },
  );

  it('counts the same records whether it reads them or passes over them', async () => {
    const whole = await container(rows(500), 'null');
    await write('skip.avro', whole.subarray(0, Math.floor(whole.length * 0.9)));
    const expected = summary(await readAll('skip.avro'));
    for (let from = 0; from <= expected.length; from += 61) {
      const source = await createFileSource([input('skip.avro', { columns })], OPTIONS);
      await source.open([BigInt(from)]);
      expect(summary(await drain(source))).toEqual(expected.slice(from));
      await source.close();
    }
  });

  it('is refused when it is damaged, or is none', async () => {
    const damaged = await container(rows(500), 'null');
    damaged.fill(0, damaged.length - 16);
    await write('damaged.avro', damaged);
    await expect(readAll('damaged.avro')).rejects.toMatchObject({ code: 'DADIN_SOURCE_UNREADABLE' });
    await write('text.avro', 'user,item,time,label\n');
    await expect(readAll('text.avro')).rejects.toThrow(/not an Avro object container/);
    await write('empty.avro', '');
    await expect(readAll('empty.avro')).rejects.toMatchObject({ code: 'DADIN_SOURCE_EMPTY' });
    await write('wrong.avro', await container(['x'], 'null', 'string'));
    await expect(readAll('wrong.avro')).rejects.toThrow(/not records/);
    const other = { type: 'record', name: 'Row', fields: [{ name: 'usr', type: 'long' }] } satisfies avro.Schema;
    await write('columns.avro', await container([{ usr: 1 }], 'null', other));
    await expect(readAll('columns.avro')).rejects.toThrow(/"user" \(did you mean "usr"\?\)/);
  });

  it('has bad records for what is too long, and for integers that JavaScript cannot hold', async () => {
    const [first, second, third] = rows(3) as [Row, Row, Row];
    await write(
      'long.avro',
      await container([first, { ...second, tags: new Array<string>(90).fill('abcdefg') }, third], 'null'),
    );
    expect(summary(await readAll('long.avro', 300))).toEqual(['i0', 'DADIN_RECORD_TOO_LARGE', 'i2']);
    const good = await container([first, { ...second, user: -1234567 }, third], 'null');
    const place = good.indexOf(avro.Type.forSchema('long').toBuffer(-1234567));
    good[place + 3] = good[place + 3]! | 0x80;
    const unsafe = Buffer.concat([
      good.subarray(0, place + 4),
      Buffer.alloc(5, 0xff),
      Buffer.of(1),
      good.subarray(place + 4),
    ]);
    await write('unsafe.avro', resized(unsafe, good, 6));
    expect(summary(await readAll('unsafe.avro'))).toEqual(['i0', 'DADIN_RECORD_MALFORMED', 'i2']);
  });
});

/** `bytes` with the size of its only block, taken from `original`, enlarged. */
function resized(bytes: Buffer, original: Buffer, growth: number): Buffer {
  const sync = original.subarray(-16);
  const block = original.indexOf(sync) + 16;
  const long = avro.Type.forSchema('long');
  const count = long.decode(original, block) as { value: number; offset: number };
  const size = long.decode(original, count.offset) as { value: number; offset: number };
  const enlarged = long.toBuffer(size.value + growth);
  return Buffer.concat([bytes.subarray(0, count.offset), enlarged, bytes.subarray(size.offset)]);
}
