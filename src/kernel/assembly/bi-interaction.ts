import { dot, mulAdd, put } from './lanes';

// Four blocks of d columns: m = [m_0 | m_1 | m_2 | m_3], [n,4d].

/** The factor of block k: 1 for the candidate's, then v_u, v_t, v_s. */
// @ts-ignore: decorator
@inline
function factorOf(v: usize, i: i32, k: i32): f32 {
  return k == 0 ? 1 : load<f32>(v + (<usize>(i * 3 + k - 1) << 2));
}

/** Blocks of z4 times (1, v_u, v_t, v_s): z4 [n,4d], v [n,3] -> [n,4d]. */
export function scaleBlocks(z4: usize, v: usize, to: usize, n: i32, d: i32): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 4; k++) {
      const f = f32x4.splat(factorOf(v, i, k));
      const block = <usize>((i * 4 + k) * d) << 2;
      for (let j = 0; j < d; j += 4) {
        const o = block + (<usize>j << 2);
        put(to + o, f32x4.mul(v128.load(z4 + o), f), d - j);
      }
    }
  }
}

/** dz4 = dm times the factors; dv_k = dm_k . z4_k. */
export function scaleBlocksGrad(z4: usize, v: usize, dm: usize, dz4: usize, dv: usize, n: i32, d: i32): void {
  scaleBlocks(dm, v, dz4, n, d);
  for (let i = 0; i < n; i++) {
    for (let k = 1; k < 4; k++) {
      const block = <usize>((i * 4 + k) * d) << 2;
      store<f32>(dv + (<usize>(i * 3 + k - 1) << 2), dot(dm + block, z4 + block, d));
    }
  }
}

/** z = 1/2 [(sum c_k m_k)^2 - sum (c_k m_k)^2] (paper equation 7): m [n,4d], c [1,4] -> [n,d]. */
export function biInteraction(m: usize, c: usize, to: usize, n: i32, d: i32): void {
  const row = <usize>d << 2;
  const half = f32x4.splat(0.5);
  const f0 = v128.load32_splat(c), f1 = v128.load32_splat(c, 4), f2 = v128.load32_splat(c, 8), f3 = v128.load32_splat(c, 12);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j += 4) {
      const at = m + (<usize>j << 2);
      const x0 = f32x4.mul(f0, v128.load(at)), x1 = f32x4.mul(f1, v128.load(at + row));
      const x2 = f32x4.mul(f2, v128.load(at + row * 2)), x3 = f32x4.mul(f3, v128.load(at + row * 3));
      const sum = f32x4.add(f32x4.add(f32x4.add(x0, x1), x2), x3);
      const squares = mulAdd(mulAdd(mulAdd(f32x4.mul(x0, x0), x1, x1), x2, x2), x3, x3);
      put(to + (<usize>j << 2), f32x4.mul(half, f32x4.sub(f32x4.mul(sum, sum), squares)), d - j);
    }
    m += row * 4;
    to += row;
  }
}

/** dm_k = c_k dz R_k, dc_k = sum dz R_k m_k with R_k = sum c_j m_j - c_k m_k; row after row, then the d columns. */
export function biInteractionGrad(m: usize, c: usize, dz: usize, dm: usize, dc: usize, n: i32, d: i32): void {
  const row = <usize>d << 2;
  const f0 = v128.load32_splat(c), f1 = v128.load32_splat(c, 4), f2 = v128.load32_splat(c, 8), f3 = v128.load32_splat(c, 12);
  const zero = f32x4.splat(0);
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j += 4) {
      const o = <usize>j << 2;
      const at = m + o, to = dm + o;
      const m0 = v128.load(at), m1 = v128.load(at + row), m2 = v128.load(at + row * 2), m3 = v128.load(at + row * 3);
      const x0 = f32x4.mul(f0, m0), x1 = f32x4.mul(f1, m1), x2 = f32x4.mul(f2, m2), x3 = f32x4.mul(f3, m3);
      const sum = f32x4.add(f32x4.add(f32x4.add(x0, x1), x2), x3);
      const g = v128.load(dz + o);
      const g0 = f32x4.mul(g, f32x4.sub(sum, x0)), g1 = f32x4.mul(g, f32x4.sub(sum, x1));
      const g2 = f32x4.mul(g, f32x4.sub(sum, x2)), g3 = f32x4.mul(g, f32x4.sub(sum, x3));
      const left = d - j;
      put(to, f32x4.mul(f0, g0), left);
      put(to + row, f32x4.mul(f1, g1), left);
      put(to + row * 2, f32x4.mul(f2, g2), left);
      put(to + row * 3, f32x4.mul(f3, g3), left);
      const kept = lanesBelow(left); // what lies beyond the row must not reach the sums
      s0 = f32x4.add(s0, v128.and(kept, f32x4.mul(g0, m0)));
      s1 = f32x4.add(s1, v128.and(kept, f32x4.mul(g1, m1)));
      s2 = f32x4.add(s2, v128.and(kept, f32x4.mul(g2, m2)));
      s3 = f32x4.add(s3, v128.and(kept, f32x4.mul(g3, m3)));
    }
    m += row * 4;
    dm += row * 4;
    dz += row;
  }
  store<f32>(dc, total(s0));
  store<f32>(dc, total(s1), 4);
  store<f32>(dc, total(s2), 8);
  store<f32>(dc, total(s3), 12);
}

// @ts-ignore: decorator
@inline
function lanesBelow(left: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left));
}

function total(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}
