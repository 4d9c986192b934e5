import type { Ragged } from '../../core/index.js';
import { type ReferenceMatrix, zeros } from './matrix.js';

function checkIndex(index: number, rows: number): number {
  if (index < 0 || index >= rows) throw new RangeError(`index ${index} of ${rows} rows`);
  return index;
}

export function gather(x: ReferenceMatrix, index: Int32Array): ReferenceMatrix {
  const d = x.cols;
  const y = zeros(index.length, d);
  for (let i = 0; i < index.length; i++) {
    const from = checkIndex(index[i]!, x.rows) * d;
    for (let j = 0; j < d; j++) y.data[i * d + j] = x.data[from + j]!;
  }
  return y;
}

export function scatterAdd(dy: ReferenceMatrix, index: Int32Array, rows: number): ReferenceMatrix {
  const d = dy.cols;
  const dx = zeros(rows, d);
  for (let i = 0; i < index.length; i++) {
    const to = checkIndex(index[i]!, rows) * d;
    for (let j = 0; j < d; j++) dx.data[to + j]! += dy.data[i * d + j]!;
  }
  return dx;
}

export function bag(x: ReferenceMatrix, lists: Ragged, mean: boolean): ReferenceMatrix {
  const d = x.cols;
  const rows = lists.splits.length - 1;
  const y = zeros(rows, d);
  for (let i = 0; i < rows; i++) {
    const start = lists.splits[i]!;
    const end = lists.splits[i + 1]!;
    const factor = mean && end > start ? 1 / (end - start) : 1;
    for (let l = start; l < end; l++) {
      const from = checkIndex(lists.items[l]!, x.rows) * d;
      for (let j = 0; j < d; j++) y.data[i * d + j]! += x.data[from + j]!;
    }
    for (let j = 0; j < d; j++) y.data[i * d + j]! *= factor;
  }
  return y;
}

export function bagGrad(dy: ReferenceMatrix, lists: Ragged, rows: number, mean: boolean): ReferenceMatrix {
  const d = dy.cols;
  const dx = zeros(rows, d);
  for (let i = 0; i < dy.rows; i++) {
    const start = lists.splits[i]!;
    const end = lists.splits[i + 1]!;
    const factor = mean && end > start ? 1 / (end - start) : 1;
    for (let l = start; l < end; l++) {
      const to = checkIndex(lists.items[l]!, rows) * d;
      for (let j = 0; j < d; j++) dx.data[to + j]! += dy.data[i * d + j]! * factor;
    }
  }
  return dx;
}
