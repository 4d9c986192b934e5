import { addScaled } from './elementwise';
import { dot, exp4, put, relu, where } from './lanes';
import { matmul } from './product';

/** Largest argument of exp; beyond it the weight is constant and its gradient zero. */
const LARGEST: f32 = 15;

/**
 * Interest weights (paper equations 5 and 6): u_k = relu(V_k z4), t_k = g_k . u_k.
 *   z4 [n,4d], V [3d,4d], g [3,d], b [1,3]
 *   u [n,3d]; weights [n,3]; slope [n,3] = d weights / d t
 * scratch: 4 d times 3 d rounded up to 4 floats.
 */
export function interest(
  z4: usize, V: usize, g: usize, b: usize, inside: bool,
  u: usize, weights: usize, slope: usize, n: i32, d: i32, scratch: usize,
): void {
  matmul(z4, V, u, n, 4 * d, 3 * d, false, true, scratch);
  const bytes = ((<usize>(3 * d * n) << 2) + 15) & ~15;
  for (let o: usize = 0; o < bytes; o += 16) v128.store(u + o, relu(v128.load(u + o)));
  for (let i = 0; i < n; i++) {
    for (let k: usize = 0; k < 3; k++) {
      const at = <usize>i * 3 + k;
      const t = dot(g + (k * d << 2), u + (at * d << 2), d);
      store<f32>(slope + (at << 2), inside ? t + load<f32>(b + (k << 2)) : t);
    }
  }
  const largest = f32x4.splat(LARGEST);
  const end = <usize>n * 12;
  for (let o: usize = 0; o < end; o += 16) {
    const t = v128.load(slope + o);
    const e = exp4(f32x4.min(t, largest));
    v128.store(weights + o, e);
    v128.store(slope + o, v128.andnot(e, f32x4.gt(t, largest)));
  }
  if (!inside) {
    for (let i = 0; i < n; i++) {
      for (let k: usize = 0; k < 3; k++) {
        const at = weights + ((<usize>i * 3 + k) << 2);
        store<f32>(at, load<f32>(at) + load<f32>(b + (k << 2)));
      }
    }
  }
}

/**
 * Adjoint of `interest`: dz4 [n,4d], dV [3d,4d], dg [3,d], db [1,3] are overwritten.
 * scratch: 3 d n rounded up to 4, then 12 d^2 floats.
 */
export function interestGrad(
  z4: usize, V: usize, g: usize, inside: bool, u: usize, slope: usize, dWeights: usize,
  dz4: usize, dV: usize, dg: usize, db: usize, n: i32, d: i32, scratch: usize,
): void {
  const du = scratch;
  const free = (scratch + (<usize>(3 * d * n) << 2) + 15) & ~15;
  memory.fill(dg, 0, <usize>d * 12);
  memory.fill(db, 0, 12);
  for (let i = 0; i < n; i++) {
    for (let k: usize = 0; k < 3; k++) {
      const at = (<usize>i * 3 + k) << 2;
      const dw = load<f32>(dWeights + at);
      const dt = dw * load<f32>(slope + at);
      const line = (<usize>i * 3 + k) * d << 2;
      const gk = g + (k * d << 2);
      const dbk = db + (k << 2);
      store<f32>(dbk, load<f32>(dbk) + (inside ? dt : dw));
      const factor = f32x4.splat(dt);
      for (let j = 0; j < d; j += 4) {
        const o = <usize>j << 2;
        put(du + line + o, where(v128.load(u + line + o), f32x4.mul(factor, v128.load(gk + o))), d - j);
      }
      addScaled(dg + (k * d << 2), u + line, dt, d);
    }
  }
  matmul(du, V, dz4, n, 3 * d, 4 * d, false, false, free);
  matmul(du, z4, dV, 3 * d, n, 4 * d, true, false, free);
}
