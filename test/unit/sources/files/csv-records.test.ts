import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvFields } from '../../../../src/sources/files/csv-fields.js';
import { RecordFramer } from '../../../../src/sources/files/record-framer.js';

const COMMA = 44;

/** Frames and fields of `bytes`, given in pieces that end at `cuts`. */
function read(bytes: Buffer, cuts: readonly number[], maxRecordBytes = 1000): (string[] | string)[] {
  const framer = new RecordFramer(COMMA, maxRecordBytes);
  const fields = new CsvFields(COMMA);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
  const out: (string[] | string)[] = [];
  for (;;) {
    const frame = framer.next();
    if (frame === 'end') return out;
    if (frame === 'needMore') framer.push(pieces.shift() ?? null);
    else if (frame === 'record') {
      fields.scan(framer);
      out.push(Array.from({ length: fields.count }, (_, i) => fields.text(i, framer) ?? '?'));
    } else out.push(`${frame} ${Buffer.from(framer.original()).toString()}`);
  }
}

const field = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', '"', ',', '\n', '\r\n', ' ', 'long enough to be cut '),
  maxLength: 5,
});
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));
const cuts = fc.array(fc.nat(), { maxLength: 6 });

function csv(rows: readonly (readonly string[])[], newline: string, quoteAll: boolean): string {
  const write = (value: string): string =>
    quoteAll || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return rows.map((row) => row.map(write).join(',')).join(newline);
}

describe('CSV records', () => {
  it('are those of csv-parse, however the bytes come in pieces', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        cuts,
        (rows, newline, all, end, places) => {
          const text = csv(rows, newline, all) + (end ? newline : '');
          const expected: unknown = parse(text, { record_delimiter: newline });
          expect(expected).toEqual(rows);
          expect(read(Buffer.from(text), places)).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('are the same for any bytes, however they come in pieces', () => {
    const bytes = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '\uFEFF'), maxLength: 60 });
    fc.assert(
      fc.property(bytes, cuts, fc.constantFrom(8, 1000), (text, places, max) => {
        // Why a record is bad, and how much of it is kept, may depend on the pieces; which records are good may not.
        const good = (frames: (string[] | string)[]): unknown =>
          frames.map((frame) => (typeof frame === 'string' ? 'bad' : frame));
        const all = Buffer.from(text);
        expect(good(read(all, places, max))).toEqual(good(read(all, [], max)));
      }),
      { numRuns: 2000 },
    );
  });
});
