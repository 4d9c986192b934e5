import type { BasicOps } from './basic-ops.js';

/**
 * Operations on a row of four blocks, [B,4d], in plain loops over downloaded values: composed of a tensor library's
 * operations they are some twenty passes over memory, which take longer than two crossings.
 */

/** m = z4 (1, v_u, v_t, v_s) blockwise: z4 [B,4d], v [B,3] -> [B,4d]. */
export function scaleBlocks<T>(ops: BasicOps<T>, z4: T, v: T): T {
  const [rows, cols] = ops.shape(z4);
  const d = cols / 4;
  const x = downloaded(ops, z4);
  const weights = downloaded(ops, v);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < 3; k++) {
      const weight = weights[3 * i + k]!;
      const start = i * cols + (k + 1) * d;
      for (let j = start; j < start + d; j++) x[j] = x[j]! * weight;
    }
  }
  return ops.upload(x, rows, cols);
}

export function scaleBlocksGrad<T>(ops: BasicOps<T>, z4: T, v: T, dm: T): { readonly dz4: T; readonly dv: T } {
  const [rows, cols] = ops.shape(z4);
  const d = cols / 4;
  const x = downloaded(ops, z4);
  const weights = downloaded(ops, v);
  const gradient = downloaded(ops, dm);
  const dv = new Float32Array(rows * 3);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < 3; k++) {
      const weight = weights[3 * i + k]!;
      const start = i * cols + (k + 1) * d;
      let sum = 0;
      for (let j = start; j < start + d; j++) {
        const g = gradient[j]!;
        sum += g * x[j]!;
        gradient[j] = g * weight;
      }
      dv[3 * i + k] = sum;
    }
  }
  return { dz4: ops.upload(gradient, rows, cols), dv: ops.upload(dv, rows, 3) };
}

/** z = sum of x_i * x_j over the six pairs of blocks x_i = c_i m_i (paper equation 7, without its cancellation). */
export function biInteraction<T>(ops: BasicOps<T>, m: T, c: T): T {
  const [rows, cols] = ops.shape(m);
  const d = cols / 4;
  const x = downloaded(ops, m);
  const [c0, c1, c2, c3] = factors(ops, c);
  const z = new Float32Array(rows * d);
  for (let i = 0; i < rows; i++) {
    let at = i * cols;
    for (let j = i * d; j < (i + 1) * d; j++, at++) {
      const x0 = c0 * x[at]!;
      const x1 = c1 * x[at + d]!;
      const x2 = c2 * x[at + 2 * d]!;
      const x3 = c3 * x[at + 3 * d]!;
      z[j] = (x0 + x1) * (x2 + x3) + (x0 * x1 + x2 * x3);
    }
  }
  return ops.upload(z, rows, d);
}

export function biInteractionGrad<T>(ops: BasicOps<T>, m: T, c: T, dz: T): { readonly dm: T; readonly dc: T } {
  const [rows, cols] = ops.shape(m);
  const d = cols / 4;
  const x = downloaded(ops, m);
  const gradient = downloaded(ops, dz);
  const [c0, c1, c2, c3] = factors(ops, c);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < rows; i++) {
    let at = i * cols;
    for (let j = i * d; j < (i + 1) * d; j++, at++) {
      const [m0, m1, m2, m3] = [x[at]!, x[at + d]!, x[at + 2 * d]!, x[at + 3 * d]!];
      const [x0, x1, x2, x3] = [c0 * m0, c1 * m1, c2 * m2, c3 * m3];
      const g = gradient[j]!;
      // dz / dx_i = the sum of the three other blocks
      const d0 = g * (x1 + (x2 + x3));
      const d1 = g * (x0 + (x2 + x3));
      const d2 = g * (x3 + (x0 + x1));
      const d3 = g * (x2 + (x0 + x1));
      s0 += d0 * m0;
      s1 += d1 * m1;
      s2 += d2 * m2;
      s3 += d3 * m3;
      x[at] = c0 * d0;
      x[at + d] = c1 * d1;
      x[at + 2 * d] = c2 * d2;
      x[at + 3 * d] = c3 * d3;
    }
  }
  return { dm: ops.upload(x, rows, cols), dc: ops.upload(Float32Array.of(s0, s1, s2, s3), 1, 4) };
}

function downloaded<T>(ops: BasicOps<T>, x: T): Float32Array {
  const [rows, cols] = ops.shape(x);
  return ops.download(x, new Float32Array(rows * cols));
}

function factors<T>(ops: BasicOps<T>, c: T): readonly [number, number, number, number] {
  const [c0, c1, c2, c3] = downloaded(ops, c);
  return [c0!, c1!, c2!, c3!];
}
