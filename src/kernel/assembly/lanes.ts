// Four lanes at a time. Every function treats a lane without regard to its neighbours, except `dot`, whose order of
// summation depends on the length alone. So a value's bits never depend on its place.

/** Writes the lanes that still lie within the row; `left` columns remain. */
// @ts-ignore: decorator
@inline
export function put(to: usize, x: v128, left: i32): void {
  if (left >= 4) {
    v128.store(to, x);
  } else if (left > 0) {
    if (left == 1) {
      v128.store32_lane(to, x, 0);
    } else {
      v128.store64_lane(to, x, 0);
      if (left == 3) v128.store32_lane(to, x, 2, 8);
    }
  }
}

// @ts-ignore: decorator
@inline
export function mulAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
export function relu(x: v128): v128 {
  return f32x4.max(x, f32x4.splat(0)); // NaN stays NaN: the learner's non-finite guard must see it
}

/** `x` where y > 0, else 0. */
// @ts-ignore: decorator
@inline
export function where(y: v128, x: v128): v128 {
  return v128.and(f32x4.gt(y, f32x4.splat(0)), x);
}

/** Sum of a[i] b[i], i < k: four partial sums over whole vectors, folded, then the tail one by one. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, k: i32): f32 {
  let sum = f32x4.splat(0);
  const whole = a + (<usize>(k & ~3) << 2);
  const end = a + (<usize>k << 2);
  while (a < whole) {
    sum = mulAdd(sum, v128.load(a), v128.load(b));
    a += 16;
    b += 16;
  }
  let total =
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  while (a < end) {
    total += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return total;
}

/** The four lane sums of a, b, c, d, each in the order of `dot`. */
// @ts-ignore: decorator
@inline
export function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  const low = f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
  const high = f32x4.add(v128.shuffle<f64>(AB, CD, 0, 2), v128.shuffle<f64>(AB, CD, 1, 3));
  return f32x4.add(low, high);
}

/**
 * e^x to about 1 ulp on [-87.3, 88.3], constant beyond: x = n ln 2 + r with ln 2 in two parts, a polynomial in r
 * (coefficients of Moshier's Cephes, expf.c), 2^n built from its bits.
 */
export function exp4(x: v128): v128 {
  const within = f32x4.min(f32x4.max(x, f32x4.splat(-87.3365478515625)), f32x4.splat(88.3762588500976));
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(1.4426950408889634)));
  let r = f32x4.sub(within, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = mulAdd(f32x4.splat(1.3981999507e-3), y, r);
  y = mulAdd(f32x4.splat(8.3334519073e-3), y, r);
  y = mulAdd(f32x4.splat(4.1665795894e-2), y, r);
  y = mulAdd(f32x4.splat(1.6666665459e-1), y, r);
  y = mulAdd(f32x4.splat(5.0000001201e-1), y, r);
  y = f32x4.add(mulAdd(r, y, f32x4.mul(r, r)), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}

/** tanh x: an odd polynomial below 0.625 (Cephes, tanhf.c), 1 - 2 / (e^2|x| + 1) above. */
export function tanh4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let y = f32x4.splat(-5.70498872745e-3);
  y = mulAdd(f32x4.splat(2.06390887954e-2), y, square);
  y = mulAdd(f32x4.splat(-5.37397155531e-2), y, square);
  y = mulAdd(f32x4.splat(1.33314422036e-1), y, square);
  y = mulAdd(f32x4.splat(-3.33332819422e-1), y, square);
  const near = mulAdd(x, f32x4.mul(y, square), x);
  const power = exp4(f32x4.add(magnitude, magnitude));
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(power, f32x4.splat(1))));
  const sign = v128.and(x, i32x4.splat(<i32>0x80000000));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(magnitude, f32x4.splat(0.625)));
}
