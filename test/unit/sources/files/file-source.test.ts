import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ClickEvent, DadinError, type Decoded } from '../../../../src/core/index.js';
import {
  createFileSource,
  type FileInputOptions,
  type FileSourceOptions,
} from '../../../../src/sources/files/index.js';
import { CLICKS, drain, input, scratch, summary } from './file-fixtures.js';

const { directory, write } = await scratch();
const OPTIONS: FileSourceOptions = { baseDirectory: directory, sortMemoryBytes: 1 << 20 };

async function readAll(
  entry: FileInputOptions,
  options: Partial<FileSourceOptions> = {},
): Promise<readonly Decoded<ClickEvent>[]> {
  const source = await createFileSource([entry], { ...OPTIONS, ...options });
  await source.open([0n]);
  const records = await drain(source);
  await source.close();
  return records;
}

async function refusal(entry: FileInputOptions): Promise<DadinError> {
  const error: unknown = await createFileSource([entry], OPTIONS).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DadinError);
  return error as DadinError;
}

const HEADER = 'user,item,time,label\n';

describe('a CSV log', () => {
  it('maps columns to events, with features, lists and integer bucketing', async () => {
    await write(
      'map.csv',
      'user,item,when,stars,year,genres,age\nu1,i1,202206081521,4.5,1995,Crime|Drama,\nu2,i2,202206081522,3,2001,War,30\n',
    );
    const records = await readAll(
      input('map.csv', {
        domain: 'source',
        listSeparator: '|',
        columns: {
          ...CLICKS,
          eventTime: { column: 'when', format: 'yyyyMMddHHmm', timeZone: '+08:00' },
          label: { column: 'stars', atLeast: 4 },
          userFeatures: { age: { column: 'age', list: false, divideBy: null } },
          itemFeatures: {
            decade: { column: 'year', list: false, divideBy: 10 },
            genre: { column: 'genres', list: true, divideBy: null },
          },
        },
      }),
    );
    expect(records.map((record) => record.ok && record.value)).toEqual([
      {
        eventId: '0:0',
        kind: 'impression',
        impressionId: '0:0',
        eventTimeMs: Date.UTC(2022, 5, 8, 7, 21),
        domain: 'source',
        userId: 'u1',
        itemId: 'i1',
        clicked: true,
        userFeatures: [],
        itemFeatures: [
          { name: 'decade', values: ['199'] },
          { name: 'genre', values: ['Crime', 'Drama'] },
        ],
        row: 0,
      },
      {
        eventId: '0:1',
        kind: 'impression',
        impressionId: '0:1',
        eventTimeMs: Date.UTC(2022, 5, 8, 7, 22),
        domain: 'source',
        userId: 'u2',
        itemId: 'i2',
        clicked: false,
        userFeatures: [{ name: 'age', values: ['30'] }],
        itemFeatures: [
          { name: 'decade', values: ['200'] },
          { name: 'genre', values: ['War'] },
        ],
        row: 1,
      },
    ]);
  });

  it('takes ids, kinds and domains from columns', async () => {
    await write(
      'kinds.csv',
      'id,imp,what,where,user,item,time\ne1,x1,show,ads,u,a,1\ne2,x1,click,ads,u,a,2\ne3,x3,show,news,u,b,3\ne4,x4,hover,ads,u,c,4\ne5,x5,show,tv,u,d,5\n,x6,show,ads,u,e,6\n',
    );
    const records = await readAll(
      input('kinds.csv', {
        domain: { column: 'where', target: ['ads'], source: ['news'] },
        columns: {
          ...CLICKS,
          eventId: 'id',
          impressionId: 'imp',
          kind: { column: 'what', impression: ['show'], click: ['click'] },
          label: { later: true },
        },
      }),
    );
    expect(
      records.map((r) =>
        r.ok
          ? [r.value.eventId, r.value.impressionId, r.value.kind, r.value.domain, r.value.clicked, r.value.row]
          : r.bad.code,
      ),
    ).toEqual([
      ['e1', 'x1', 'impression', 'target', null, -1],
      ['e2', 'x1', 'click', 'target', true, -1],
      ['e3', 'x3', 'impression', 'source', null, -1],
      'DADIN_RECORD_FIELD',
      'DADIN_RECORD_DOMAIN',
      'DADIN_RECORD_FIELD',
    ]);
  });

  it('reads quotes, newlines in fields, CRLF, a byte order mark, blank lines and letters beyond ASCII', async () => {
    await write(
      'quotes.csv',
      '\uFEFFuser,"item",time,label\r\nü,"a ""b"", c",1,1\r\n\r\n"u","line\nbreak",2,0\r\nu,5" pipe,3,1\r\nu,"",4,1\r\nu,ok,5,1',
    );
    const records = await readAll(input('quotes.csv'));
    expect(summary(records)).toEqual(['a "b", c', 'line\nbreak', '5" pipe', 'DADIN_RECORD_FIELD', 'ok']);
    expect(records[0]!.ok && records[0]!.value.userId).toBe('ü');
  });

  it('reads all files of a glob in name order as one log, gzipped or not', async () => {
    await write('day-1.csv', `${HEADER}u,a,1,1\nu,b,2,1`);
    await write('day-2.csv.gz', gzipSync(`${HEADER}u,c,3,1\n`));
    await write('day-3.csv', HEADER);
    await write('day-4.csv', `${HEADER}u,d,4,0\n`);
    const records = await readAll(input('day-*'));
    expect(records.map((r) => r.ok && `${r.value.itemId}${r.value.row}`)).toEqual(['a0', 'b1', 'c2', 'd3']);
  });

  it('keeps going after bad records and says what was wrong with each', async () => {
    await write(
      'bad.csv',
      Buffer.concat([
        Buffer.from(`${HEADER}u,good1,1,1\nu,short,2\nu,long,3,1,9\nu,time,soon,1\nu,label,5,2\n,nouser,6,1\nu,`),
        Buffer.of(0xff, 0xfe),
        Buffer.from(',7,1\nu,"open,8,1\nu,good2,9,0\n"x"y,bad,10,1\nu,good3,11,1\n'),
      ]),
    );
    const records = await readAll(input('bad.csv'));
    expect(summary(records)).toEqual([
      'good1',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_TIME',
      'DADIN_RECORD_LABEL',
      'DADIN_RECORD_FIELD',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_MALFORMED',
      'good2',
      'DADIN_RECORD_MALFORMED',
      'good3',
    ]);
    const label = records[4]!;
    expect(!label.ok && label.bad.reason).toContain('column label: "2"');
    expect(!label.ok && Buffer.from(label.bad.original!).toString()).toBe('u,label,5,2');
  });

  it('takes every label but the clicked ones as not clicked when no negatives are given, except none at all', async () => {
    await write('labels.csv', `${HEADER}u,a,1,1\nu,b,2,-1\nu,c,3,\n`);
    const columns = { ...CLICKS, label: { column: 'label', equals: ['1'], negatives: null } };
    const records = await readAll(input('labels.csv', { columns }));
    expect(records.map((r) => (r.ok ? r.value.clicked : r.bad.code))).toEqual([true, false, 'DADIN_RECORD_LABEL']);
  });

  it('passes over a line of any length in bounded memory', async () => {
    const long = Buffer.alloc(3 << 20, 'x');
    await write('huge.csv', Buffer.concat([Buffer.from(`${HEADER}u,a,1,1\nu,`), long, Buffer.from(',2,1\nu,b,3,1\n')]));
    const records = await readAll(input('huge.csv'));
    expect(summary(records)).toEqual(['a', 'DADIN_RECORD_TOO_LARGE', 'b']);
    const bad = records[1]!;
    expect(!bad.ok && bad.bad.original!.length).toBe(65_536);
  });

  it('refuses a record that is complete but over the limit', async () => {
    await write('over.csv', `${HEADER}u,a,1,1\nu,${'y'.repeat(100)},2,1\nu,b,3,1\n`);
    const records = await readAll(input('over.csv'), { maxRecordBytes: 50 });
    expect(summary(records)).toEqual(['a', 'DADIN_RECORD_TOO_LARGE', 'b']);
  });

  it('tells a record cut off at the end of the file from a bad one', async () => {
    await write('cut.csv', `${HEADER}u,a,1,1\nu,b`);
    await write('cut-quote.csv', `${HEADER}u,a,1,1\nu,"b`);
    expect(summary(await readAll(input('cut.csv')))).toEqual(['a', 'DADIN_RECORD_TRUNCATED']);
    expect(summary(await readAll(input('cut-quote.csv')))).toEqual(['a', 'DADIN_RECORD_TRUNCATED']);
  });

  it('keeps the records before the place where a gzipped file breaks off', async () => {
    let seed = 1;
    const lines = Array.from({ length: 20_000 }, (_, i) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return `u${seed},i${i},${i},1`;
    });
    const whole = gzipSync(HEADER + lines.join('\n'));
    await write('broken.csv.gz', whole.subarray(0, whole.length >> 1));
    const got = summary(await readAll(input('broken.csv.gz')));
    expect(got.length).toBeGreaterThan(5_000);
    expect(got.at(-1)).toBe('DADIN_RECORD_TRUNCATED');
    expect(got.slice(0, -1)).toEqual(lines.slice(0, got.length - 1).map((_, i) => `i${i}`));
  });
});

describe('a gzipped log that breaks off just behind a newline', () => {
  it('tells the loss with a bad record of its own, also when its records are passed over', async () => {
    const lines = gzipSync(`${HEADER}u,a,1,1\nu,b,2,1\n`);
    await write('edge.csv.gz', lines.subarray(0, -8));
    expect(summary(await readAll(input('edge.csv.gz')))).toEqual(['a', 'b', 'DADIN_RECORD_TRUNCATED']);
    for (const [from, rest] of [
      [2n, ['DADIN_RECORD_TRUNCATED']],
      [3n, []],
    ] as const) {
      const source = await createFileSource([input('edge.csv.gz')], OPTIONS);
      await source.open([from]);
      expect(summary(await drain(source))).toEqual(rest);
      await source.close();
    }
  });
});

describe('a JSON Lines log', () => {
  it('takes lists as lists, numbers as text, and absent features as none', async () => {
    await write(
      'rows.jsonl',
      '{"user":7,"item":"a","time":1,"label":true,"tags":["x",2]}\n\n{"user":"u","item":"b","time":"2","label":false}\n',
    );
    const records = await readAll(
      input('rows.jsonl', {
        columns: {
          ...CLICKS,
          label: { column: 'label', equals: ['true'], negatives: ['false'] },
          itemFeatures: { tag: { column: 'tags', list: true, divideBy: null } },
        },
      }),
    );
    expect(records.map((r) => r.ok && [r.value.userId, r.value.clicked, r.value.itemFeatures])).toEqual([
      ['7', true, [{ name: 'tag', values: ['x', '2'] }]],
      ['u', false, []],
    ]);
  });

  it('refuses what is no object, wrong types, and integers that have lost digits', async () => {
    const row = (item: string, rest = ''): string => `{"user":"u","item":${item},"time":1,"label":1${rest}}`;
    await write(
      'bad.jsonl',
      [
        row('"a"'),
        row('"\\ud800"'),
        '[1]',
        '{"user"',
        row('{"x":1}'),
        row('12345678901234567890'),
        row('["b"]'),
        row('"c"'),
        '{"us',
      ].join('\n'),
    );
    const records = await readAll(input('bad.jsonl'));
    expect(summary(records)).toEqual([
      'a',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_MALFORMED',
      'DADIN_RECORD_FIELD',
      'DADIN_RECORD_FIELD',
      'DADIN_RECORD_FIELD',
      'c',
      'DADIN_RECORD_TRUNCATED',
    ]);
  });

  it('does not take inherited properties for columns', async () => {
    await write('proto.jsonl', '{"user":"u","item":"a","time":1,"label":1,"__proto__":{"x":1}}\n');
    const columns = { ...CLICKS, itemFeatures: { f: { column: 'constructor', list: false, divideBy: null } } };
    const [record] = await readAll(input('proto.jsonl', { columns }));
    expect(record!.ok && record!.value.itemFeatures).toEqual([]);
  });
});

describe('what a log is refused for, before anything is learned', () => {
  it('no such file, with the nearest name', async () => {
    await write('ads-train.csv', `${HEADER}u,a,1,1\n`);
    const error = await refusal(input('ads-trian.csv'));
    expect(error.code).toBe('DADIN_SOURCE_NOT_FOUND');
    expect(error.details.remedy).toContain('ads-train.csv');
    expect((await refusal(input('nowhere/*.csv'))).code).toBe('DADIN_SOURCE_NOT_FOUND');
  });

  it('an empty file, or none with a record', async () => {
    await write('empty.csv', '');
    await write('empty.csv.gz', gzipSync(''));
    await write('header-only.csv', HEADER);
    await write('empty.jsonl', '\n\n');
    for (const name of ['empty.csv', 'empty.csv.gz', 'header-only.csv', 'empty.jsonl']) {
      expect((await refusal(input(name))).code).toBe('DADIN_SOURCE_EMPTY');
    }
  });

  it('wrong column names, with the ones probably meant, in any file of the log', async () => {
    await write('head-1.csv', `${HEADER}u,a,1,1\n`);
    await write('head-2.csv', 'user,itm,time,label\nu,a,1,1\n');
    const error = await refusal(input('head-*.csv'));
    expect(error.code).toBe('DADIN_SOURCE_HEADER');
    expect(error.message).toContain('"item" (did you mean "itm"?)');
    await write('head.jsonl', '{"user":"u","item":"a","tiem":1,"label":1}\n');
    expect((await refusal(input('head.jsonl'))).message).toContain('"time" (did you mean "tiem"?)');
  });

  it('no event time', async () => {
    await write('timeless.csv', `${HEADER}u,a,1,1\n`);
    const error = await refusal(input('timeless.csv', { columns: { ...CLICKS, eventTime: null } }));
    expect(error.code).toBe('DADIN_SOURCE_NO_TIME');
    expect(error.details.remedy).toBeDefined();
  });

  it('a name that tells no format, and a damaged archive', async () => {
    await write('strange.xyz', HEADER);
    expect((await refusal(input('strange.xyz'))).code).toBe('DADIN_SOURCE_UNREADABLE');
    const damaged = gzipSync(`${HEADER}${'u,a,1,1\n'.repeat(1000)}`);
    damaged.fill(0x55, 20, 40);
    await write('damaged.csv.gz', damaged);
    expect((await refusal(input('damaged.csv.gz'))).code).toBe('DADIN_SOURCE_UNREADABLE');
  });

  it('a position beyond its end', async () => {
    await write('short.csv', `${HEADER}u,a,1,1\n`);
    const source = await createFileSource([input('short.csv')], OPTIONS);
    await expect(source.open([2n])).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_MISMATCH' });
    await source.close();
  });
});

describe('a log that is not in order of event time', () => {
  const grouped = `${HEADER}u,a,3,1\nu,bad,soon,1\nu,b,5,1\nv,c,1,0\nv,d,3,1\n`;

  async function sorting(sort: 'auto' | 'never' | 'always', name = 'grouped.csv'): Promise<unknown> {
    const source = await createFileSource([input(name, { sort })], OPTIONS);
    await source.open([0n]);
    const items = summary(await drain(source));
    const { sorted, outOfOrder } = source.report()[0]!;
    await source.close();
    return { items, sorted, outOfOrder };
  }

  it('is sorted by (event time, row) unless told otherwise, and reported', async () => {
    await write('grouped.csv', grouped);
    const items = ['c', 'a', 'DADIN_RECORD_TIME', 'd', 'b'];
    expect(await sorting('auto')).toEqual({ items, sorted: true, outOfOrder: 2 });
    expect(await sorting('always')).toEqual({ items, sorted: true, outOfOrder: 2 });
    expect(await sorting('never')).toEqual({
      items: ['a', 'DADIN_RECORD_TIME', 'b', 'c', 'd'],
      sorted: false,
      outOfOrder: 2,
    });
  });

  it('is not touched when it is in order', async () => {
    await write('ordered.csv', `${HEADER}u,a,1,1\nu,b,1,1\nu,c,2,1\n`);
    expect(await sorting('auto', 'ordered.csv')).toEqual({ items: ['a', 'b', 'c'], sorted: false, outOfOrder: 0 });
  });

  it('keeps the row numbers of the file', async () => {
    await write('grouped.csv', grouped);
    const records = await readAll(input('grouped.csv'));
    expect(records.map((r) => r.ok && r.value.eventId)).toEqual(['0:3', '0:0', false, '0:4', '0:2']);
  });
});
