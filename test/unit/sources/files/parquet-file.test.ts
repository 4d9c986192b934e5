import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { createFileSource } from '../../../../src/sources/files/index.js';
import { CLICKS, drain, input, scratch, summary } from './file-fixtures.js';

const { directory, write } = await scratch();
const OPTIONS = { baseDirectory: directory, sortMemoryBytes: 1 << 20 };

const columns = {
  ...CLICKS,
  label: { column: 'label', equals: ['true'], negatives: ['false'] },
  itemFeatures: { decade: { column: 'year', list: false, divideBy: 10 } },
};

function parquet(count: number, codec: 'UNCOMPRESSED' | 'SNAPPY' = 'SNAPPY'): Uint8Array {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      rowGroupSize: 100,
      columnData: [
        { name: 'unused', data: numbers.map((i) => `x${i}`), type: 'STRING' },
        { name: 'user', data: numbers.map((i) => BigInt(i % 7)), type: 'INT64' },
        { name: 'item', data: numbers.map((i) => `i${i}`), type: 'STRING' },
        { name: 'time', data: numbers.map((i) => new Date(i * 1000)), type: 'TIMESTAMP' },
        { name: 'label', data: numbers.map((i) => i % 2 === 0), type: 'BOOLEAN' },
        { name: 'year', data: numbers.map((i) => 1990 + (i % 20)), type: 'INT32' },
      ],
    }),
  );
}

const items = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `i${from + i}`);

describe('a Parquet file', () => {
  it.each(['UNCOMPRESSED', 'SNAPPY'] as const)('is read by column, over its row groups (%s)', async (codec) => {
    await write('rows.parquet', parquet(350, codec));
    const source = await createFileSource([input('rows.parquet', { columns })], OPTIONS);
    await source.open([0n]);
    const records = await drain(source, 0, 60);
    await source.close();
    expect(summary(records)).toEqual(items(0, 350));
    expect(records[12]!.ok && records[12]!.value).toEqual({
      eventId: '0:12',
      kind: 'impression',
      impressionId: '0:12',
      eventTimeMs: 12_000,
      domain: 'target',
      userId: '5',
      itemId: 'i12',
      clicked: true,
      userFeatures: [],
      itemFeatures: [{ name: 'decade', values: ['200'] }],
      row: 12,
    });
  });

  it('goes on from any row', async () => {
    await write('resume.parquet', parquet(350));
    for (const from of [1, 99, 100, 101, 349, 350]) {
      const source = await createFileSource([input('resume.parquet', { columns })], OPTIONS);
      await source.open([BigInt(from)]);
      expect(summary(await drain(source, 0, 64))).toEqual(items(from, 350));
      await source.close();
    }
  });

  it('is refused when it is cut off, or is none, or lacks a column', async () => {
    const refuse = async (name: string): Promise<unknown> =>
      createFileSource([input(name, { columns })], OPTIONS).then(
        () => null,
        (error: { code: string }) => error.code,
      );
    await write('cut.parquet', parquet(350).subarray(0, 3000));
    expect(await refuse('cut.parquet')).toBe('DADIN_SOURCE_UNREADABLE');
    await write('text.parquet', 'user,item,time,label\n');
    expect(await refuse('text.parquet')).toBe('DADIN_SOURCE_UNREADABLE');
    await write('empty.parquet', '');
    expect(await refuse('empty.parquet')).toBe('DADIN_SOURCE_EMPTY');
    await write('rows.parquet', parquet(10));
    const source = createFileSource([input('rows.parquet', { columns: { ...columns, userId: 'usr' } })], OPTIONS);
    await expect(source).rejects.toThrow(/"usr" \(did you mean "user"\?\)/);
  });
});
