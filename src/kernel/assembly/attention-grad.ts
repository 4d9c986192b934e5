import { copyColumns } from './elementwise';
import { rowAt } from './gather';
import { dot, mulAdd, put, where } from './lanes';
import { product } from './product';

/**
 * Adjoint of `attention` (algorithm A.3), row by row, with G_i = sum_l dpre_l r_l^T of row i:
 *   dW_r += G_i, dW_rq += G_i diag(q_i), dq_i = column sums of G_i * W_rq + W_q^T sum_l dpre_l,
 *   dr_l = beta_l dpooled_i + (W_r + W_rq diag(q_i))^T dpre_l,
 * where dpre is the gradient of W x. G_i stays in registers.
 *   dItems [U,d] starts as zeros; dq dp [n,d], dW [d,4d], dh [1,d] are overwritten
 * scratch: (5 d + n + 3 `longest` + 2) D floats, D = d rounded up to 4, `longest` the longest list.
 */
export function attentionGrad(
  items: usize, splits: usize, list: usize, q: usize, p: usize, w: usize, h: usize,
  act: usize, beta: usize, dPooled: usize,
  dItems: usize, dq: usize, dp: usize, dW: usize, dh: usize, n: i32, d: i32, longest: i32, scratch: usize,
): void {
  const D = (d + 3) & ~3;
  const row = <usize>d << 2, padded = <usize>D << 2, block = <usize>d * padded;
  const wr = scratch, wrq = wr + block, own = wrq + block, dWr = own + block, dWrq = dWr + block;
  const base = dWrq + block, dhPadded = base + <usize>n * padded, dqPadded = dhPadded + padded;
  const r = dqPadded + padded, dPre = r + <usize>longest * padded, dr = dPre + <usize>longest * padded;
  copyBlock(w, row << 2, wr, d, D);
  copyBlock(w + row * 3, row << 2, wrq, d, D);
  memory.fill(dWr, 0, block * 2 + <usize>n * padded + padded); // dWr, dWrq, base, dhPadded

  for (let i = 0; i < n; i++) {
    const first = load<i32>(splits + (<usize>i << 2)), end = load<i32>(splits + (<usize>i << 2), 4);
    const count = end - first;
    for (let o: usize = 0; o < padded; o += 16) v128.store(dqPadded + o, f32x4.splat(0));
    if (count > 0) {
      const qi = q + <usize>i * row, da = dPooled + <usize>i * row;
      copyRows(items, list, first, count, r, d, D);
      preGradients(r, act + <usize>first * padded, beta + (<usize>first << 2), da, h, dPre, dhPadded, base + <usize>i * padded, count, d, D);
      ownMatrix(wr, wrq, qi, d, D, own);
      product(dPre, padded, 4, own, padded, dr, padded, count, d, D, false);
      for (let l = 0; l < count; l++) {
        const to = rowAt(dItems, list, first + l, row);
        addItem(to, dr + <usize>l * padded, da, load<f32>(beta + (<usize>(first + l) << 2)), d);
      }
      weightGradients(dPre, r, qi, wrq, dWr, dWrq, dqPadded, count, d, D);
    }
    copyColumns(dqPadded, 0, dq + <usize>i * row, 0, 1, d);
  }

  product(base, padded, 4, w + row, row << 2, dq, row, n, d, d, true);
  product(base, padded, 4, w + row * 2, row << 2, dp, row, n, d, d, false);
  product(base, 4, padded, q, row, dW + row, row << 2, d, n, d, false);
  product(base, 4, padded, p, row, dW + row * 2, row << 2, d, n, d, false);
  copyColumns(dWr, padded, dW, row << 2, d, d);
  copyColumns(dWrq, padded, dW + row * 3, row << 2, d, d);
  copyColumns(dhPadded, 0, dh, 0, 1, d);
}

/** A d x d block with rows `line` bytes apart, its rows padded with zeros to D. */
function copyBlock(from: usize, line: usize, to: usize, d: i32, D: i32): void {
  const padded = <usize>D << 2;
  if (D > d) for (let o = 1; o <= d; o++) v128.store(to + <usize>o * padded - 16, f32x4.splat(0));
  copyColumns(from, line, to, padded, d, d);
}

/** The vectors r_l of one row, padded with zeros to D. */
function copyRows(items: usize, list: usize, first: i32, count: i32, to: usize, d: i32, D: i32): void {
  const row = <usize>d << 2, padded = <usize>D << 2;
  for (let l = 0; l < count; l++) {
    const from = rowAt(items, list, first + l, row);
    if (D > d) v128.store(to + padded - 16, f32x4.splat(0));
    for (let j = 0; j < d; j += 4) put(to + (<usize>j << 2), v128.load(from + (<usize>j << 2)), d - j);
    to += padded;
  }
}

/** W_r + W_rq diag(q), [d,D]. */
function ownMatrix(wr: usize, wrq: usize, q: usize, d: i32, D: i32, to: usize): void {
  for (let o = 0; o < d; o++) {
    for (let j = 0; j < D; j += 4) {
      v128.store(to, mulAdd(v128.load(wr), v128.load(q + (<usize>j << 2)), v128.load(wrq)));
      to += 16;
      wr += 16;
      wrq += 16;
    }
  }
}

/** dpre_l = ds_l h where act_l > 0, ds_l = beta_l (dbeta_l - sum_m beta_m dbeta_m), dbeta_l = r_l . da; adds to dh and
 * sets the row's sum of dpre. */
function preGradients(
  r: usize, act: usize, beta: usize, da: usize, h: usize, dPre: usize, dh: usize, total: usize, count: i32, d: i32, D: i32,
): void {
  const padded = <usize>D << 2;
  let mean: f32 = 0;
  for (let l = 0; l < count; l++) {
    const dBeta = dot(r + <usize>l * padded, da, d);
    store<f32>(dPre + <usize>l * padded, dBeta); // kept for the second loop, which overwrites it
    mean += load<f32>(beta + (<usize>l << 2)) * dBeta;
  }
  for (let l = 0; l < count; l++) {
    const to = dPre + <usize>l * padded, a = act + <usize>l * padded;
    const ds = f32x4.splat(load<f32>(beta + (<usize>l << 2)) * (load<f32>(to) - mean));
    for (let j = 0; j < D; j += 4) {
      const o = <usize>j << 2;
      const active = v128.load(a + o);
      const gradient = where(active, f32x4.mul(ds, v128.load(h + o)));
      v128.store(to + o, gradient);
      v128.store(total + o, f32x4.add(v128.load(total + o), gradient));
      v128.store(dh + o, mulAdd(v128.load(dh + o), ds, active));
    }
  }
}

/** dItem += dr + beta da. */
// @ts-ignore: decorator
@inline
function addItem(dItem: usize, dr: usize, da: usize, beta: f32, d: i32): void {
  const share = f32x4.splat(beta);
  for (let j = 0; j < d; j += 4) {
    const o = <usize>j << 2;
    const sum = f32x4.add(v128.load(dItem + o), v128.load(dr + o));
    put(dItem + o, mulAdd(sum, share, v128.load(da + o)), d - j);
  }
}

/** dWr += G, dWrq += G diag(q), dq += column sums of G * Wrq, G = sum_l dpre_l r_l^T; all [d,D]. */
function weightGradients(
  dPre: usize, r: usize, q: usize, wrq: usize, dWr: usize, dWrq: usize, dq: usize, count: i32, d: i32, D: i32,
): void {
  const padded = <usize>D << 2;
  for (let j = 0; j < D; ) {
    const wide = D - j >= 8;
    for (let o = 0; o < d; ) {
      const at = <usize>o * padded + (<usize>j << 2);
      const column = <usize>j << 2;
      const dp = dPre + (<usize>o << 2);
      if (wide && o + 4 <= d) {
        outer4x8(dp, r + column, padded, count, q + column, wrq + at, dWr + at, dWrq + at, dq + column);
        o += 4;
      } else {
        outer1x4(dp, r + column, padded, count, q + column, wrq + at, dWr + at, dWrq + at, dq + column);
        if (wide) {
          outer1x4(dp, r + column + 16, padded, count, q + column + 16, wrq + at + 16, dWr + at + 16, dWrq + at + 16, dq + column + 16);
        }
        o += 1;
      }
    }
    j += wide ? 8 : 4;
  }
}

/** Adds one vector of G to the weights' gradients and returns its part of dq. */
// @ts-ignore: decorator
@inline
function settle(g: v128, q: v128, at: usize, wrq: usize, dWr: usize, dWrq: usize): v128 {
  v128.store(dWr + at, f32x4.add(v128.load(dWr + at), g));
  v128.store(dWrq + at, mulAdd(v128.load(dWrq + at), g, q));
  return f32x4.mul(g, v128.load(wrq + at));
}

/** Four rows by eight columns of G. */
function outer4x8(
  dp: usize, r: usize, line: usize, count: i32, q: usize, wrq: usize, dWr: usize, dWrq: usize, dq: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (let l = 0; l < count; l++) {
    const r0 = v128.load(r), r1 = v128.load(r, 16);
    const s = v128.load32_splat(dp), t = v128.load32_splat(dp, 4), u = v128.load32_splat(dp, 8), v = v128.load32_splat(dp, 12);
    a0 = mulAdd(a0, s, r0); a1 = mulAdd(a1, s, r1);
    b0 = mulAdd(b0, t, r0); b1 = mulAdd(b1, t, r1);
    c0 = mulAdd(c0, u, r0); c1 = mulAdd(c1, u, r1);
    d0 = mulAdd(d0, v, r0); d1 = mulAdd(d1, v, r1);
    dp += line; r += line;
  }
  const q0 = v128.load(q), q1 = v128.load(q, 16);
  let e0 = v128.load(dq), e1 = v128.load(dq, 16);
  e0 = f32x4.add(e0, settle(a0, q0, 0, wrq, dWr, dWrq));
  e1 = f32x4.add(e1, settle(a1, q1, 16, wrq, dWr, dWrq));
  e0 = f32x4.add(e0, settle(b0, q0, line, wrq, dWr, dWrq));
  e1 = f32x4.add(e1, settle(b1, q1, line + 16, wrq, dWr, dWrq));
  e0 = f32x4.add(e0, settle(c0, q0, line * 2, wrq, dWr, dWrq));
  e1 = f32x4.add(e1, settle(c1, q1, line * 2 + 16, wrq, dWr, dWrq));
  e0 = f32x4.add(e0, settle(d0, q0, line * 3, wrq, dWr, dWrq));
  e1 = f32x4.add(e1, settle(d1, q1, line * 3 + 16, wrq, dWr, dWrq));
  v128.store(dq, e0);
  v128.store(dq, e1, 16);
}

function outer1x4(
  dp: usize, r: usize, line: usize, count: i32, q: usize, wrq: usize, dWr: usize, dWrq: usize, dq: usize,
): void {
  let g = f32x4.splat(0);
  for (let l = 0; l < count; l++) {
    g = mulAdd(g, v128.load32_splat(dp), v128.load(r));
    dp += line; r += line;
  }
  v128.store(dq, f32x4.add(v128.load(dq), settle(g, v128.load(q), 0, wrq, dWr, dWrq)));
}
