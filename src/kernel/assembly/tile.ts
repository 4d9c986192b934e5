import { mulAdd, put } from './lanes';

// Register tiles of a matrix product. Each output is start + a[0] b[0] + a[1] b[1] + ..., one product after the other
// whatever the tile, so that all tiles give an element the same bits.
//   a0, a1..  address of a row's first factor; the next lies `step` bytes on
//   b, line   address of the first of the tile's columns; the next line lies `line` bytes on
//   z0, z1..  address of a row's starting values, 0 for none
//   c0, c1..  address of a row's outputs, of which `left` columns are written

// @ts-ignore: decorator
@inline
function start(z: usize, offset: usize): v128 {
  return z != 0 ? v128.load(z + offset) : f32x4.splat(0);
}

export function tile2x16(
  a0: usize, a1: usize, step: usize, b: usize, line: usize, k: i32,
  z0: usize, z1: usize, c0: usize, c1: usize, left: i32,
): void {
  let x0 = start(z0, 0), x1 = start(z0, 16), x2 = start(z0, 32), x3 = start(z0, 48);
  let y0 = start(z1, 0), y1 = start(z1, 16), y2 = start(z1, 32), y3 = start(z1, 48);
  for (let p = 0; p < k; p++) {
    const s = v128.load32_splat(a0), t = v128.load32_splat(a1);
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    x0 = mulAdd(x0, s, b0); x1 = mulAdd(x1, s, b1); x2 = mulAdd(x2, s, b2); x3 = mulAdd(x3, s, b3);
    y0 = mulAdd(y0, t, b0); y1 = mulAdd(y1, t, b1); y2 = mulAdd(y2, t, b2); y3 = mulAdd(y3, t, b3);
    a0 += step; a1 += step; b += line;
  }
  put(c0, x0, left); put(c0 + 16, x1, left - 4); put(c0 + 32, x2, left - 8); put(c0 + 48, x3, left - 12);
  put(c1, y0, left); put(c1 + 16, y1, left - 4); put(c1 + 32, y2, left - 8); put(c1 + 48, y3, left - 12);
}

export function tile1x16(
  a0: usize, step: usize, b: usize, line: usize, k: i32, z0: usize, c0: usize, left: i32,
): void {
  let x0 = start(z0, 0), x1 = start(z0, 16), x2 = start(z0, 32), x3 = start(z0, 48);
  for (let p = 0; p < k; p++) {
    const s = v128.load32_splat(a0);
    x0 = mulAdd(x0, s, v128.load(b)); x1 = mulAdd(x1, s, v128.load(b, 16));
    x2 = mulAdd(x2, s, v128.load(b, 32)); x3 = mulAdd(x3, s, v128.load(b, 48));
    a0 += step; b += line;
  }
  put(c0, x0, left); put(c0 + 16, x1, left - 4); put(c0 + 32, x2, left - 8); put(c0 + 48, x3, left - 12);
}

export function tile2x8(
  a0: usize, a1: usize, step: usize, b: usize, line: usize, k: i32,
  z0: usize, z1: usize, c0: usize, c1: usize, left: i32,
): void {
  let x0 = start(z0, 0), x1 = start(z0, 16), y0 = start(z1, 0), y1 = start(z1, 16);
  for (let p = 0; p < k; p++) {
    const s = v128.load32_splat(a0), t = v128.load32_splat(a1);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    x0 = mulAdd(x0, s, b0); x1 = mulAdd(x1, s, b1);
    y0 = mulAdd(y0, t, b0); y1 = mulAdd(y1, t, b1);
    a0 += step; a1 += step; b += line;
  }
  put(c0, x0, left); put(c0 + 16, x1, left - 4);
  put(c1, y0, left); put(c1 + 16, y1, left - 4);
}

export function tile2x4(
  a0: usize, a1: usize, step: usize, b: usize, line: usize, k: i32,
  z0: usize, z1: usize, c0: usize, c1: usize, left: i32,
): void {
  let x0 = start(z0, 0), y0 = start(z1, 0);
  for (let p = 0; p < k; p++) {
    const b0 = v128.load(b);
    x0 = mulAdd(x0, v128.load32_splat(a0), b0);
    y0 = mulAdd(y0, v128.load32_splat(a1), b0);
    a0 += step; a1 += step; b += line;
  }
  put(c0, x0, left);
  put(c1, y0, left);
}

/** Columns of a panel when `left` remain: 16, 8 or 4. Panels of a matrix end at its width rounded up to 4. */
// @ts-ignore: decorator
@inline
export function panelWidth(left: i32): i32 {
  return left > 12 ? 16 : left > 4 ? 8 : 4;
}

/** Two rows by one panel. */
// @ts-ignore: decorator
@inline
export function tile2(
  a0: usize, a1: usize, step: usize, b: usize, line: usize, k: i32,
  z0: usize, z1: usize, c0: usize, c1: usize, width: i32, left: i32,
): void {
  if (width == 16) tile2x16(a0, a1, step, b, line, k, z0, z1, c0, c1, left);
  else if (width == 8) tile2x8(a0, a1, step, b, line, k, z0, z1, c0, c1, left);
  else tile2x4(a0, a1, step, b, line, k, z0, z1, c0, c1, left);
}

/** One row by one panel; in the narrow panels the row stands in for its missing neighbour. */
// @ts-ignore: decorator
@inline
export function tile1(
  a0: usize, step: usize, b: usize, line: usize, k: i32, z0: usize, c0: usize, width: i32, left: i32,
): void {
  if (width == 16) tile1x16(a0, step, b, line, k, z0, c0, left);
  else tile2(a0, a0, step, b, line, k, z0, z0, c0, c0, width, left);
}
