import { dot, mulAdd, put } from './lanes';
import { panelWidth, tile1, tile2 } from './tile';

/** Lines of B that one pass takes, so that its columns stay in the first-level cache. A pass goes on where the last
 * one stopped: the order of summation does not change. */
const BLOCK: i32 = 256;

/**
 * C [n,m] = A [n,k] B [k,m], added to C where `accumulate`. A's element (i,p) lies at a + i aRow + p aStep; B is in
 * panels (`line` 0), or its lines lie `line` bytes apart; C's rows lie cRow bytes apart.
 */
export function product(
  a: usize, aRow: usize, aStep: usize, b: usize, line: usize, c: usize, cRow: usize,
  n: i32, k: i32, m: i32, accumulate: bool,
): void {
  for (let p = 0; p == 0 || p < k; p += BLOCK) {
    const depth = min(k - p, BLOCK);
    const begun = accumulate || p > 0;
    let j = 0;
    while (j < m) {
      const width = panelWidth(m - j);
      const step = line == 0 ? <usize>width << 2 : line;
      const panel = line == 0 ? b + (<usize>(j * k + p * width) << 2) : b + <usize>p * line + (<usize>j << 2);
      let ai = a + <usize>p * aStep;
      let ci = c + (<usize>j << 2);
      let i = 0;
      for (; i + 2 <= n; i += 2) {
        tile2(ai, ai + aRow, aStep, panel, step, depth, begun ? ci : 0, begun ? ci + cRow : 0, ci, ci + cRow, width, m - j);
        ai += aRow << 1;
        ci += cRow << 1;
      }
      if (i < n) tile1(ai, aStep, panel, step, depth, begun ? ci : 0, ci, width, m - j);
      j += width;
    }
  }
}

/** B = S^T in panels: S [m,k] with rows `row` bytes apart. Columns beyond m are zero. */
export function packTransposed(s: usize, row: usize, m: i32, k: i32, to: usize): void {
  let j = 0;
  while (j < m) {
    const width = panelWidth(m - j);
    for (let v = 0; v < width; v += 4) {
      packLanes(s + <usize>(j + v) * row, row, min(m - j - v, 4), k, to + (<usize>v << 2), <usize>width << 2);
    }
    to += <usize>(k * width) << 2;
    j += width;
  }
}

/** Four columns of a panel out of `lanes` rows of S, 4 x 4 elements at a time. */
function packLanes(s: usize, row: usize, lanes: i32, k: i32, to: usize, line: usize): void {
  let p = 0;
  if (lanes == 4) {
    for (; p + 4 <= k; p += 4) {
      const a = v128.load(s), b = v128.load(s + row), c = v128.load(s + row * 2), d = v128.load(s + row * 3);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
      v128.store(to + line, v128.shuffle<f64>(ab, cd, 1, 3));
      v128.store(to + line * 2, v128.shuffle<f64>(AB, CD, 0, 2));
      v128.store(to + line * 3, v128.shuffle<f64>(AB, CD, 1, 3));
      s += 16;
      to += line * 4;
    }
  }
  for (; p < k; p++) {
    v128.store(to, f32x4.splat(0));
    for (let lane = 0; lane < lanes; lane++) store<f32>(to + (<usize>lane << 2), load<f32>(s + <usize>lane * row));
    s += 4;
    to += line;
  }
}

/** B = S in panels: S [k,m] without gaps. Columns beyond m hold what follows in memory and are never written out. */
function pack(s: usize, k: i32, m: i32, to: usize): void {
  const row = <usize>m << 2;
  let j = 0;
  while (j < m) {
    const width = panelWidth(m - j);
    let from = s + (<usize>j << 2);
    for (let p = 0; p < k; p++) {
      for (let v: usize = 0; v < <usize>width << 2; v += 16) v128.store(to + v, v128.load(from + v));
      from += row;
      to += <usize>width << 2;
    }
    j += width;
  }
}

/** c [1,m] = a [1,k] S^T, S [m,k]: for a single row the transposed matrix is not worth writing down. */
function rowTimesTransposed(a: usize, s: usize, c: usize, k: i32, m: i32): void {
  const row = <usize>k << 2;
  for (let j = 0; j < m; j += 8) {
    // rows beyond the last are read as the last, and not written
    const last = m - 1;
    let s0 = s + <usize>j * row, s1 = s + <usize>min(j + 1, last) * row, s2 = s + <usize>min(j + 2, last) * row;
    let s3 = s + <usize>min(j + 3, last) * row, s4 = s + <usize>min(j + 4, last) * row, s5 = s + <usize>min(j + 5, last) * row;
    let s6 = s + <usize>min(j + 6, last) * row, s7 = s + <usize>min(j + 7, last) * row;
    let x = f32x4.splat(0), y = f32x4.splat(0);
    let ai = a;
    let p = 0;
    for (; p + 4 <= k; p += 4) {
      const f = v128.load(ai);
      x = fourProducts(x, f, v128.load(s0), v128.load(s1), v128.load(s2), v128.load(s3));
      y = fourProducts(y, f, v128.load(s4), v128.load(s5), v128.load(s6), v128.load(s7));
      ai += 16; s0 += 16; s1 += 16; s2 += 16; s3 += 16; s4 += 16; s5 += 16; s6 += 16; s7 += 16;
    }
    for (; p < k; p++) {
      const f = v128.load32_splat(ai);
      x = mulAdd(x, f, f32x4(load<f32>(s0), load<f32>(s1), load<f32>(s2), load<f32>(s3)));
      y = mulAdd(y, f, f32x4(load<f32>(s4), load<f32>(s5), load<f32>(s6), load<f32>(s7)));
      ai += 4; s0 += 4; s1 += 4; s2 += 4; s3 += 4; s4 += 4; s5 += 4; s6 += 4; s7 += 4;
    }
    put(c + (<usize>j << 2), x, m - j);
    put(c + (<usize>j << 2) + 16, y, m - j - 4);
  }
}

/** sum + f[0] column 0 + f[1] column 1 + ... of the 4 x 4 matrix with rows a, b, c, d. */
// @ts-ignore: decorator
@inline
function fourProducts(sum: v128, f: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  sum = mulAdd(sum, v128.shuffle<f32>(f, f, 0, 0, 0, 0), v128.shuffle<f64>(ab, cd, 0, 2));
  sum = mulAdd(sum, v128.shuffle<f32>(f, f, 1, 1, 1, 1), v128.shuffle<f64>(ab, cd, 1, 3));
  sum = mulAdd(sum, v128.shuffle<f32>(f, f, 2, 2, 2, 2), v128.shuffle<f64>(AB, CD, 0, 2));
  return mulAdd(sum, v128.shuffle<f32>(f, f, 3, 3, 3, 3), v128.shuffle<f64>(AB, CD, 1, 3));
}

/** C [n,m] = a b^T of two vectors. */
function outer(a: usize, b: usize, c: usize, n: i32, m: i32): void {
  for (let i = 0; i < n; i++) {
    const f = v128.load32_splat(a);
    for (let j = 0; j < m; j += 4) put(c + (<usize>j << 2), f32x4.mul(f, v128.load(b + (<usize>j << 2))), m - j);
    a += 4;
    c += <usize>m << 2;
  }
}

/** C [n,m] = A B with matrices without gaps; `scratch` holds k times m rounded up to 4 floats. */
export function matmul(
  a: usize, b: usize, c: usize, n: i32, k: i32, m: i32, transposeA: bool, transposeB: bool, scratch: usize,
): void {
  const aRow: usize = transposeA ? 4 : <usize>k << 2;
  const aStep: usize = transposeA ? <usize>n << 2 : 4;
  const cRow = <usize>m << 2;
  if (k == 1) {
    outer(a, b, c, n, m); // both factors are contiguous lines either way
  } else if (m == 1 && !transposeA) {
    // B is one contiguous line either way
    for (let i = 0; i < n; i++) store<f32>(c + (<usize>i << 2), dot(a + <usize>i * aRow, b, k));
  } else if (transposeB) {
    if (n == 1 && !transposeA) {
      rowTimesTransposed(a, b, c, k, m);
    } else {
      packTransposed(b, <usize>k << 2, m, k, scratch);
      product(a, aRow, aStep, scratch, 0, c, cRow, n, k, m, false);
    }
  } else if (!transposeA && n >= 8 && k * m > 4096) {
    pack(b, k, m, scratch);
    product(a, aRow, aStep, scratch, 0, c, cRow, n, k, m, false);
  } else {
    product(a, aRow, aStep, b, cRow, c, cRow, n, k, m, false);
  }
}
