import { put } from './lanes';

// Rows picked by lists of row numbers (i32). Functions return the first number outside [0, rows), or -1: nothing is
// read or written beyond a matrix.

/** The first of `count` numbers that is outside [0, rows), or -1. */
export function findOutside(index: usize, count: i32, rows: i32): i32 {
  for (let i = 0; i < count; i++) if (load<u32>(index + (<usize>i << 2)) >= <u32>rows) return i;
  return -1;
}

// @ts-ignore: decorator
@inline
export function rowAt(x: usize, index: usize, i: i32, row: usize): usize {
  return x + <usize>load<u32>(index + (<usize>i << 2)) * row;
}

/** y[i] = x[index[i]]: [rows,d] -> [count,d]. */
export function gather(x: usize, index: usize, to: usize, count: i32, d: i32): void {
  const row = <usize>d << 2;
  for (let i = 0; i < count; i++) {
    const from = rowAt(x, index, i, row);
    for (let j = 0; j < d; j += 4) put(to + (<usize>j << 2), v128.load(from + (<usize>j << 2)), d - j);
    to += row;
  }
}

/** out[index[i]] += dy[i] in the order of i; `out` starts as zeros. */
export function scatterAdd(dy: usize, index: usize, out: usize, count: i32, d: i32): void {
  const row = <usize>d << 2;
  for (let i = 0; i < count; i++) {
    const to = rowAt(out, index, i, row);
    for (let j = 0; j < d; j += 4) {
      const o = <usize>j << 2;
      put(to + o, f32x4.add(v128.load(to + o), v128.load(dy + o)), d - j);
    }
    dy += row;
  }
}

/** y[i] = sum over row i's list of x[item], divided by its length where `mean`; an empty list gives zeros. */
export function bag(x: usize, splits: usize, items: usize, to: usize, n: i32, d: i32, mean: bool): void {
  const row = <usize>d << 2;
  for (let i = 0; i < n; i++) {
    const first = load<i32>(splits), end = load<i32>(splits, 4);
    const divisor = f32x4.splat(mean && end > first ? <f32>(end - first) : 1);
    for (let j = 0; j < d; j += 4) {
      const o = <usize>j << 2;
      let sum = f32x4.splat(0);
      for (let l = first; l < end; l++) sum = f32x4.add(sum, v128.load(rowAt(x, items, l, row) + o));
      put(to + o, f32x4.div(sum, divisor), d - j);
    }
    splits += 4;
    to += row;
  }
}

/** out[item] += dy[i] (divided by the list's length where `mean`) for the items of row i's list, in order. */
export function bagGrad(dy: usize, splits: usize, items: usize, out: usize, n: i32, d: i32, mean: bool): void {
  const row = <usize>d << 2;
  for (let i = 0; i < n; i++) {
    const first = load<i32>(splits), end = load<i32>(splits, 4);
    const divisor = f32x4.splat(mean && end > first ? <f32>(end - first) : 1);
    for (let l = first; l < end; l++) {
      const to = rowAt(out, items, l, row);
      for (let j = 0; j < d; j += 4) {
        const o = <usize>j << 2;
        put(to + o, f32x4.add(v128.load(to + o), f32x4.div(v128.load(dy + o), divisor)), d - j);
      }
    }
    splits += 4;
    dy += row;
  }
}
