import type { Ragged } from '../core/index.js';
import type { FixtureTensors } from './dadin-fixture.js';
import type { ZooConfig } from './zoo-config.js';

/** A `model_*.json`. Ids count from 1; 0 is no item and reads as zero. */
export interface ZooFixture {
  readonly config: ZooConfig;
  readonly weights: FixtureTensors;
  readonly inputs: FixtureTensors;
  readonly outputs: FixtureTensors;
  readonly loss: number;
  readonly grads: FixtureTensors;
}

/** Lists of ids padded with 0, [B] or [B,L], as lists of rows from `first` on. */
export function histories(inputs: FixtureTensors, name: string, first: number): Ragged {
  const ids = numbers(inputs, name);
  const B = inputs[name]!.shape[0]!;
  const L = ids.length / B;
  const splits = new Int32Array(B + 1);
  const items: number[] = [];
  for (let i = 0; i < B; i++) {
    for (let l = 0; l < L; l++) if (ids[i * L + l] !== 0) items.push(first + ids[i * L + l]!);
    splits[i + 1] = items.length;
  }
  return { splits, items: Int32Array.from(items) };
}

export function numbers(tensors: FixtureTensors, name: string): Float64Array {
  const found = tensors[name];
  if (found === undefined) throw new RangeError(`fixture has no ${name}`);
  return Float64Array.from(found.data);
}

export function shape2(tensors: FixtureTensors, name: string): readonly [number, number] {
  const [rows, cols] = tensors[name]?.shape ?? [];
  if (rows === undefined || cols === undefined) throw new RangeError(`fixture has no matrix ${name}`);
  return [rows, cols];
}

/** Tables of one vocabulary, side by side. */
export interface Columns {
  readonly data: Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly widths: readonly number[];
}

/** Tables of one vocabulary as one matrix. */
export function sideBySide(parts: readonly { readonly data: Float64Array; readonly width: number }[]): Columns {
  const rows = parts[0]!.data.length / parts[0]!.width;
  const widths = parts.map(({ width }) => width);
  const width = widths.reduce((sum, w) => sum + w, 0);
  const data = new Float64Array(rows * width);
  let start = 0;
  for (const part of parts) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < part.width; j++) data[i * width + start + j] = part.data[i * part.width + j]!;
    }
    start += part.width;
  }
  return { data, rows, width, widths };
}

/** The part of a matrix that belongs to table c. */
export function column(matrix: Float64Array, { rows, width, widths }: Columns, c: number): Float64Array {
  const start = widths.slice(0, c).reduce((sum, w) => sum + w, 0);
  const own = widths[c]!;
  return Float64Array.from({ length: rows * own }, (_, k) => matrix[Math.floor(k / own) * width + start + (k % own)]!);
}
