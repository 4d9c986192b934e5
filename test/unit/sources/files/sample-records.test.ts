import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { sampleRecords } from '../../../../src/sources/files/index.js';
import { scratch } from './file-fixtures.js';

const { directory, write } = await scratch();
const sample = (name: string, count: number) => sampleRecords(join(directory, name), count);

describe('the first records of a file', () => {
  it('of CSV, with the delimiter that its header is cut by', async () => {
    await write('a.csv.gz', gzipSync('id;a,b;c\n1;x;\n2;y\n3;z;w\n4;v;u\n'));
    expect(await sample('a.csv.gz', 3)).toEqual({
      format: 'csv',
      delimiter: ';',
      columns: ['id', 'a,b', 'c'],
      rows: [
        ['1', 'x', null],
        ['3', 'z', 'w'],
      ],
    });
    await write('b.tsv', 'one\ttwo\n1\t2\n');
    expect(await sample('b.tsv', 5)).toMatchObject({ delimiter: '\t', rows: [['1', '2']] });
  });

  it.each([',', ';', '\t', '|'])('of CSV with quoted names between %j', async (delimiter) => {
    await write('quoted.csv', ['"user ""id"""', '"item"'].join(delimiter).concat('\n1', delimiter, '2\n'));
    expect(await sample('quoted.csv', 1)).toMatchObject({
      delimiter,
      columns: ['user "id"', 'item'],
      rows: [['1', '2']],
    });
  });

  it('of JSON Lines and Parquet', async () => {
    await write('a.jsonl', '{"a":1,"b":["x"]}\n{"c":null}\n');
    expect(await sample('a.jsonl', 5)).toEqual({
      format: 'jsonl',
      delimiter: null,
      columns: ['a', 'b', 'c'],
      rows: [
        ['1', '["x"]', null],
        [null, null, null],
      ],
    });
    const columnData = [{ name: 'n', data: [1n, 2n, 3n], type: 'INT64' as const }];
    await write('a.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(await sample('a.parquet', 2)).toMatchObject({ format: 'parquet', columns: ['n'], rows: [['1'], ['2']] });
  });

  it('fails with the code of what is wrong', async () => {
    await expect(sample('missing.csv', 2)).rejects.toMatchObject({ code: 'DADIN_SOURCE_UNREADABLE' });
    await write('empty.csv', '');
    await expect(sample('empty.csv', 2)).rejects.toMatchObject({ code: 'DADIN_SOURCE_EMPTY' });
  });
});
