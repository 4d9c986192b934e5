import type { InterestGrad, InterestInput, InterestOutput } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';

/** exp is taken of at most this (see InterestInput). */
const MAX_EXPONENT = 15;

/**
 * Interest weights (paper equations 5 and 6). The three dot products g_k . u_k are one product with the block-diagonal
 * [3d,3] form of g; the exponential of the [B,3] scores is taken here, on the downloaded values.
 */
export function interest<T>(ops: BasicOps<T>, input: InterestInput<T>): InterestOutput<T> {
  const { z4, V, g, b } = input;
  const [rows] = ops.shape(z4);
  const u = ops.reluOfSum([ops.matmul(z4, V, false, true)]); // [B,3d]
  const exponents = ops.download(ops.matmul(u, blockDiagonal(ops, g), false, false), new Float32Array(rows * 3)); // [B,3]
  const bias = ops.download(b, new Float32Array(3));

  const weights = new Float32Array(rows * 3);
  const slope = new Float32Array(rows * 3); // d weight / d exponent: 0 beyond the clamp
  for (let j = 0; j < weights.length; j++) {
    const biasOfColumn = bias[j % 3]!;
    const exponent = input.bias === 'inside' ? exponents[j]! + biasOfColumn : exponents[j]!;
    const e = Math.exp(Math.min(exponent, MAX_EXPONENT));
    weights[j] = input.bias === 'inside' ? e : e + biasOfColumn;
    slope[j] = exponent < MAX_EXPONENT || Number.isNaN(exponent) ? e : 0;
  }
  return { weights: ops.upload(weights, rows, 3), saved: [u, ops.upload(slope, rows, 3)] };
}

export function interestGrad<T>(
  ops: BasicOps<T>,
  input: InterestInput<T>,
  output: InterestOutput<T>,
  dWeights: T,
): InterestGrad<T> {
  const { z4, V, g } = input;
  const [, d] = ops.shape(g);
  const [u, slope] = output.saved as readonly [T, T]; // [B,3d], [B,3]
  const dExponents = ops.multiply(dWeights, slope); // [B,3]
  const du = ops.reluGrad(ops.matmul(dExponents, blockDiagonal(ops, g), false, true), u); // [B,3d]
  const dBlocks = ops.multiply(ops.matmul(u, dExponents, true, false), blockMask(ops, d)); // [3d,3]
  return {
    dz4: ops.matmul(du, V, false, false), // [B,4d]
    dV: ops.matmul(du, z4, true, false), // [3d,4d]
    dg: ops.reshape(ops.sumColumns(dBlocks), 3, d),
    db: ops.sumRows(input.bias === 'inside' ? dExponents : dWeights), // [1,3]
  };
}

/** g [3,d] -> [3d,3] with g_k in column k of block k, 0 elsewhere. */
function blockDiagonal<T>(ops: BasicOps<T>, g: T): T {
  const [, d] = ops.shape(g);
  return ops.multiplyBroadcast(blockMask(ops, d), ops.reshape(g, 3 * d, 1));
}

/** [3d,3]: 1 in column k of block k. */
function blockMask<T>(ops: BasicOps<T>, d: number): T {
  return ops.constant(`interest blocks ${d}`, 3 * d, 3, () => {
    const mask = new Float32Array(9 * d);
    for (let row = 0; row < 3 * d; row++) mask[row * 3 + Math.floor(row / d)] = 1;
    return mask;
  });
}
