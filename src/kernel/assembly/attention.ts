import { copyColumns } from './elementwise';
import { exp4, mulAdd, put, relu, totals } from './lanes';
import { packTransposed, product } from './product';
import { panelWidth, tile1, tile2 } from './tile';
import { rowAt } from './gather';

/**
 * Item attention over packed histories (paper equations 2 and 3), row by row. With W's column blocks W_r | W_q | W_p | W_rq,
 *   W x_l = (W_r + W_rq diag(q)) r_l + (W_q q + W_p p),
 * so a row needs one d x d matrix of its own and then one product a place instead of four.
 *   items [U,d], splits i32 [n+1], list i32 [N], q p [n,d], w [d,4d], h [1,d]
 *   act [N,D] relu(W x_l), D = d rounded up to 4; beta [N,1]; pooled [n,d]
 * scratch: (5 d + n + 1) D floats.
 */
export function attention(
  items: usize, splits: usize, list: usize, q: usize, p: usize, w: usize, h: usize,
  act: usize, beta: usize, pooled: usize, n: i32, d: i32, scratch: usize,
): void {
  const D = (d + 3) & ~3;
  const row = <usize>d << 2, padded = <usize>D << 2, block = <usize>d * padded;
  const wr = scratch, wq = wr + block, wp = wq + block, wrq = wp + block, own = wrq + block;
  const base = own + block, hPadded = base + <usize>n * padded;
  packTransposed(w, row << 2, d, d, wr);
  packTransposed(w + row, row << 2, d, d, wq);
  packTransposed(w + row * 2, row << 2, d, d, wp);
  packTransposed(w + row * 3, row << 2, d, d, wrq);
  v128.store(hPadded + padded - 16, f32x4.splat(0));
  copyColumns(h, 0, hPadded, 0, 1, d);
  product(q, row, 4, wq, 0, base, padded, n, d, D, false);
  product(p, row, 4, wp, 0, base, padded, n, d, D, true);

  for (let i = 0; i < n; i++) {
    const first = load<i32>(splits + (<usize>i << 2)), end = load<i32>(splits + (<usize>i << 2), 4);
    if (end > first) {
      ownMatrix(wr, wrq, q + <usize>i * row, d, D, own);
      preActivations(items, list, first, end, base + <usize>i * padded, own, act, d, D);
      score(act + <usize>first * padded, hPadded, beta + (<usize>first << 2), end - first, padded);
      softmax(beta + (<usize>first << 2), end - first);
    }
    pool(items, list, first, end, beta, pooled + <usize>i * row, d);
  }
}

/** (W_r + W_rq diag(q))^T in panels: line j is that of W_r plus q_j times that of W_rq. */
function ownMatrix(wr: usize, wrq: usize, q: usize, d: i32, D: i32, to: usize): void {
  let c = 0;
  while (c < D) {
    const width = panelWidth(D - c);
    for (let j = 0; j < d; j++) {
      const f = v128.load32_splat(q + (<usize>j << 2));
      for (let v = 0; v < width; v += 4) {
        v128.store(to, mulAdd(v128.load(wr), f, v128.load(wrq)));
        to += 16;
        wr += 16;
        wrq += 16;
      }
    }
    c += width;
  }
}

/** act[l] = base + own r_l for the places of one row. */
function preActivations(
  items: usize, list: usize, first: i32, end: i32, base: usize, own: usize, act: usize, d: i32, D: i32,
): void {
  const row = <usize>d << 2, padded = <usize>D << 2;
  let c = 0;
  while (c < D) {
    const width = panelWidth(D - c);
    const panel = own + (<usize>(c * d) << 2), line = <usize>width << 2;
    const z = base + (<usize>c << 2);
    let to = act + <usize>first * padded + (<usize>c << 2);
    let l = first;
    for (; l + 2 <= end; l += 2) {
      tile2(rowAt(items, list, l, row), rowAt(items, list, l + 1, row), 4, panel, line, d, z, z, to, to + padded, width, width);
      to += padded << 1;
    }
    if (l < end) tile1(rowAt(items, list, l, row), 4, panel, line, d, z, to, width, width);
    c += width;
  }
}

/** act = relu(act) and s = act h, for `count` rows of `padded` bytes: four rows at a time, so that their sums fold together. */
function score(act: usize, h: usize, s: usize, count: i32, padded: usize): void {
  for (let l = 0; l < count; l += 4) {
    // rows beyond the last are read as the last, and their scores are not written
    const last = count - 1;
    const a = act + <usize>l * padded, b = act + <usize>min(l + 1, last) * padded;
    const c = act + <usize>min(l + 2, last) * padded, d = act + <usize>min(l + 3, last) * padded;
    let sa = f32x4.splat(0), sb = sa, sc = sa, sd = sa;
    for (let o: usize = 0; o < padded; o += 16) {
      const f = v128.load(h + o);
      const xa = relu(v128.load(a + o)), xb = relu(v128.load(b + o)), xc = relu(v128.load(c + o)), xd = relu(v128.load(d + o));
      v128.store(a + o, xa);
      v128.store(b + o, xb);
      v128.store(c + o, xc);
      v128.store(d + o, xd);
      sa = mulAdd(sa, f, xa);
      sb = mulAdd(sb, f, xb);
      sc = mulAdd(sc, f, xc);
      sd = mulAdd(sd, f, xd);
    }
    put(s + (<usize>l << 2), totals(sa, sb, sc, sd), count - l);
  }
}

/** In place; the largest score is taken off first. */
function softmax(s: usize, count: i32): void {
  let largest = load<f32>(s);
  for (let l = 1; l < count; l++) largest = max(largest, load<f32>(s + (<usize>l << 2)));
  const top = f32x4.splat(largest);
  let sum: f32 = 0;
  for (let l = 0; l < count; l += 4) {
    const at = s + (<usize>l << 2);
    put(at, exp4(f32x4.sub(v128.load(at), top)), count - l);
  }
  for (let l = 0; l < count; l++) sum += load<f32>(s + (<usize>l << 2));
  const divisor = f32x4.splat(sum);
  for (let l = 0; l < count; l += 4) {
    const at = s + (<usize>l << 2);
    put(at, f32x4.div(v128.load(at), divisor), count - l);
  }
}

/** to = sum over the places of beta_l r_l; zeros without any. */
function pool(items: usize, list: usize, first: i32, end: i32, beta: usize, to: usize, d: i32): void {
  const row = <usize>d << 2;
  let j = 0;
  for (; j + 16 <= d; j += 16) {
    const o = <usize>j << 2;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let l = first; l < end; l++) {
      const f = v128.load32_splat(beta + (<usize>l << 2));
      const r = rowAt(items, list, l, row) + o;
      s0 = mulAdd(s0, f, v128.load(r));
      s1 = mulAdd(s1, f, v128.load(r, 16));
      s2 = mulAdd(s2, f, v128.load(r, 32));
      s3 = mulAdd(s3, f, v128.load(r, 48));
    }
    v128.store(to + o, s0);
    v128.store(to + o, s1, 16);
    v128.store(to + o, s2, 32);
    v128.store(to + o, s3, 48);
  }
  for (; j < d; j += 4) {
    const o = <usize>j << 2;
    let sum = f32x4.splat(0);
    for (let l = first; l < end; l++) {
      sum = mulAdd(sum, v128.load32_splat(beta + (<usize>l << 2)), v128.load(rowAt(items, list, l, row) + o));
    }
    put(to + o, sum, d - j);
  }
}
