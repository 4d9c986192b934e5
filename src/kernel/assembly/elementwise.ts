import { mulAdd, put, relu, tanh4, where } from './lanes';

// Over `bytes` bytes of whole matrices, a multiple of 16: every matrix owns the vector that its last element lies in.

export function add(a: usize, b: usize, to: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.add(v128.load(a + o), v128.load(b + o)));
}

export function multiply(a: usize, b: usize, to: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.mul(v128.load(a + o), v128.load(b + o)));
}

export function scale(a: usize, factor: f32, to: usize, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.mul(v128.load(a + o), f));
}

export function reluGrad(dy: usize, y: usize, to: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, where(v128.load(y + o), v128.load(dy + o)));
}

export function tanh(x: usize, to: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, tanh4(v128.load(x + o)));
}

export function tanhGrad(dy: usize, y: usize, to: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < bytes; o += 16) {
    const value = v128.load(y + o);
    v128.store(to + o, f32x4.mul(v128.load(dy + o), f32x4.sub(one, f32x4.mul(value, value))));
  }
}

/** Zeros. */
export function clear(to: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.splat(0));
}

/** x [n,m] + bias [1,m] on every row, then ReLU where asked. */
export function addBias(x: usize, bias: usize, to: usize, n: i32, m: i32, rectify: bool): void {
  const row = <usize>m << 2;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j += 4) {
      const o = <usize>j << 2;
      const y = f32x4.add(v128.load(x + o), v128.load(bias + o));
      put(to + o, rectify ? relu(y) : y, m - j);
    }
    x += row;
    to += row;
  }
}

/** Column sums, row after row: [n,m] -> [1,m]. */
export function sumRows(x: usize, to: usize, n: i32, m: i32): void {
  const row = <usize>m << 2;
  for (let j = 0; j < m; j += 4) {
    let sum = f32x4.splat(0);
    let at = x + (<usize>j << 2);
    for (let i = 0; i < n; i++) {
      sum = f32x4.add(sum, v128.load(at));
      at += row;
    }
    put(to + (<usize>j << 2), sum, m - j);
  }
}

/** `width` columns of n rows from one matrix into another; rows lie fromRow and toRow bytes apart. */
export function copyColumns(from: usize, fromRow: usize, to: usize, toRow: usize, n: i32, width: i32): void {
  for (let i = 0; i < n; i++) {
    let j = 0;
    for (; j + 4 <= width; j += 4) v128.store(to + (<usize>j << 2), v128.load(from + (<usize>j << 2)));
    put(to + (<usize>j << 2), v128.load(from + (<usize>j << 2)), width - j);
    from += fromRow;
    to += toRow;
  }
}

/** sum[j] += x[j] factor, j < width. */
// @ts-ignore: decorator
@inline
export function addScaled(sum: usize, x: usize, factor: f32, width: i32): void {
  const f = f32x4.splat(factor);
  for (let j = 0; j < width; j += 4) {
    const o = <usize>j << 2;
    put(sum + o, mulAdd(v128.load(sum + o), v128.load(x + o), f), width - j);
  }
}
