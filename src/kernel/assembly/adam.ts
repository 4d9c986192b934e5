// The optimizer of the dense weights, in float32. All arrays hold `count` floats; the last vector may be a part of one.
import { put } from './lanes';

/** Far below anything that moves a weight, far above the subnormal numbers, on which arithmetic is fifty times slower. */
const TINY: f32 = 1e-35;

// @ts-ignore: decorator
@inline
function unlessTiny(x: v128): v128 {
  return v128.and(x, f32x4.ge(f32x4.abs(x), f32x4.splat(TINY)));
}

/** m = b1 m + c1 g, v = b2 v + c2 g^2, w -= step m / (sqrt(v correction) + epsilon). */
export function adam(
  w: usize, g: usize, m: usize, v: usize, count: i32,
  b1: f32, c1: f32, b2: f32, c2: f32, step: f32, correction: f32, epsilon: f32,
): void {
  for (let i = 0; i < count; i += 4) {
    const o = <usize>i << 2;
    const left = count - i;
    const gi = v128.load(g + o);
    const first = f32x4.add(f32x4.mul(f32x4.splat(b1), v128.load(m + o)), f32x4.mul(f32x4.splat(c1), gi));
    const mi = unlessTiny(first);
    const square = f32x4.mul(f32x4.mul(f32x4.splat(c2), gi), gi);
    const vi = unlessTiny(f32x4.add(f32x4.mul(f32x4.splat(b2), v128.load(v + o)), square));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(vi, f32x4.splat(correction))), f32x4.splat(epsilon));
    const change = f32x4.div(f32x4.mul(f32x4.splat(step), mi), root);
    put(m + o, mi, left);
    put(v + o, vi, left);
    put(w + o, f32x4.sub(v128.load(w + o), change), left);
  }
}

/** Whether no magnitude is above `limit` or no number at all. */
export function within(x: usize, count: i32, limit: f32): bool {
  const most = f32x4.splat(limit);
  const whole = x + (<usize>(count & ~3) << 2);
  const end = x + (<usize>count << 2);
  let good = i32x4.splat(-1);
  for (; x < whole; x += 16) good = v128.and(good, f32x4.le(f32x4.abs(v128.load(x)), most));
  if (!i32x4.all_true(good)) return false;
  for (; x < end; x += 4) if (!(Mathf.abs(load<f32>(x)) <= limit)) return false;
  return true;
}
