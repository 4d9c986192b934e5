// The optimizer of the dense weights, in float32. All arrays hold `count` floats; the last vector may be a part of one.
import { put } from './lanes';

/**
 * Added to the moments, which would decay into the subnormal numbers without gradients: arithmetic on those is fifty times
 * slower. Together they move a weight by some 1e-20 a step, and masks instead would cost as much as all the rest.
 */
const MOMENT_FLOOR: f32 = 1e-26;
/** Added to the gradient that is squared; far below epsilon, whose like the root has to have to matter. */
const GRADIENT_FLOOR: f32 = 1e-15;

/** m = b1 m + c1 g, v = b2 v + c2 g^2, w -= step m / (sqrt(v correction) + epsilon). */
export function adam(
  w: usize, g: usize, m: usize, v: usize, count: i32,
  b1: f32, c1: f32, b2: f32, c2: f32, step: f32, correction: f32, epsilon: f32,
): void {
  const B1 = f32x4.splat(b1), C1 = f32x4.splat(c1), B2 = f32x4.splat(b2), C2 = f32x4.splat(c2);
  const S = f32x4.splat(step), K = f32x4.splat(correction), E = f32x4.splat(epsilon);
  const momentFloor = f32x4.splat(MOMENT_FLOOR), gradientFloor = f32x4.splat(GRADIENT_FLOOR);
  for (let left = count; left > 0; left -= 4) {
    const gi = v128.load(g);
    const mi = f32x4.add(f32x4.mul(B1, v128.load(m)), f32x4.add(f32x4.mul(C1, gi), momentFloor));
    const size = f32x4.add(gi, gradientFloor);
    const vi = f32x4.add(f32x4.mul(B2, v128.load(v)), f32x4.mul(f32x4.mul(C2, size), size));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(vi, K)), E);
    const wi = f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(S, mi), root));
    if (left >= 4) {
      v128.store(m, mi);
      v128.store(v, vi);
      v128.store(w, wi);
    } else {
      put(m, mi, left);
      put(v, vi, left);
      put(w, wi, left);
    }
    w += 16; g += 16; m += 16; v += 16;
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
