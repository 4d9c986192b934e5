import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DadinError, ServingPart } from '../../../src/core/index.js';
import { decodeServing, encodeServing, type RowFormat, shapesOf } from '../../../src/versions/index.js';

const WIDTH = 3;

function partOf(values: readonly number[]): ServingPart {
  const n = values.length / WIDTH;
  const ids = Float64Array.from({ length: n }, (_, i) => n - i); // written in ascending order
  const columns = [{ name: 'rows', shape: [n, WIDTH], data: Float32Array.from(values) }];
  return {
    tensors: [],
    tables: [{ name: 'embedding', ids, columns, removed: new Float64Array(0) }],
    wholeBecause: 'x',
  };
}

function throughBytes(part: ServingPart, rows: RowFormat) {
  const bytes = encodeServing(part, rows);
  const { tables, wholeBecause } = part;
  const { columns } = decodeServing(bytes, { tables: shapesOf(tables), wholeBecause, rows }).tables[0]!;
  expect(columns).toHaveLength(1);
  return { bytes: bytes.length, shape: columns[0]!.shape, values: reversedRows(Array.from(columns[0]!.data)) };
}

function reversedRows(values: number[]): number[] {
  const rows = Array.from({ length: values.length / WIDTH }, (_, i) => values.slice(i * WIDTH, (i + 1) * WIDTH));
  return rows.reverse().flat();
}

const rowsOf = fc
  .array(
    fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -60_000, max: 60_000 }), {
      minLength: WIDTH,
      maxLength: WIDTH,
    }),
    {
      minLength: 1,
    },
  )
  .map((rows) => rows.flat());

it('halves are the nearest ones, ties to even, and those beyond the range its end', () => {
  const pairs: [number, number][] = [
    [1, 1],
    [1 + 2 ** -11, 1], // a tie goes to the even mantissa
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [2047.5, 2048], // a mantissa that rounds up carries
    [-0.1, -0.0999755859375], // numpy.float16(-0.1)
    [2 ** -24, 2 ** -24],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2 ** -23],
    [1e6, 65504],
    [-1e6, -65504],
    [0, 0],
    [65504, 65504],
  ];
  const { values } = throughBytes(partOf(pairs.map(([value]) => value)), 'float16');
  expect(values).toEqual(pairs.map(([, half]) => half));
});

it('halves err by at most half of their last place', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      throughBytes(partOf(rows), 'float16').values.forEach((value, i) => {
        const exact = Math.fround(rows[i]!);
        const place = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(exact))) - 10);
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(place / 2);
      });
    }),
  );
});

it('bytes err by at most half of a 127th of the largest number of their row', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      throughBytes(partOf(rows), 'int8').values.forEach((value, i) => {
        const from = i - (i % WIDTH);
        const largest = Math.max(...rows.slice(from, from + WIDTH).map(Math.abs));
        expect(Math.abs(value - rows[i]!)).toBeLessThanOrEqual((largest / 127) * 0.501 + 1e-42);
      });
    }),
  );
});

it('whole floats come back to the bit, and each format is as much smaller as it says', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => Math.fround(Math.sin(i)));
  const whole = throughBytes(partOf(rows), 'float32');
  expect(whole.values).toEqual(rows);
  expect(whole.shape).toEqual([1000, WIDTH]);
  expect(whole.bytes - throughBytes(partOf(rows), 'float16').bytes).toBeGreaterThan(2 * rows.length - 200);
  expect(whole.bytes - throughBytes(partOf(rows), 'int8').bytes).toBeGreaterThan(3 * rows.length - 4 * 1000 - 200);
});

it('rows of another format than the manifest says are refused', () => {
  const part = partOf([1, 2, 3]);
  const bytes = encodeServing(part, 'int8');
  const read = () => decodeServing(bytes, { tables: shapesOf(part.tables), wholeBecause: 'x', rows: 'float16' });
  expect(read).toThrow(expect.objectContaining<Partial<DadinError>>({ code: 'DADIN_VERSION_UNREADABLE' }));
});
