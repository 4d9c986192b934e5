import type { BasicOps } from './basic-ops.js';

/**
 * Operations on a row of four blocks, [B,4d]. One number a block becomes d equal columns by a product with a constant
 * matrix of ones and zeros, whose transpose adds a block's columns up; so nothing needs a third dimension.
 */

/** m = z4 (1, v_u, v_t, v_s) blockwise: z4 [B,4d], v [B,3] -> [B,4d]. */
export function scaleBlocks<T>(ops: BasicOps<T>, z4: T, v: T): T {
  return ops.multiply(z4, blockFactors(ops, z4, v));
}

export function scaleBlocksGrad<T>(ops: BasicOps<T>, z4: T, v: T, dm: T): { readonly dz4: T; readonly dv: T } {
  const [, cols] = ops.shape(z4);
  return {
    dz4: ops.multiply(dm, blockFactors(ops, z4, v)), // [B,4d]
    dv: ops.matmul(ops.multiply(dm, z4), lastThreeBlocks(ops, cols), false, true), // [B,3]
  };
}

/** z = sum of x_i * x_j over the six pairs of blocks x_i = c_i m_i (paper equation 7, without its cancellation). */
export function biInteraction<T>(ops: BasicOps<T>, m: T, c: T): T {
  const { x, front, back } = pairs(ops, m, c);
  const within = ops.add(ops.multiply(x[0], x[1]), ops.multiply(x[2], x[3]));
  return ops.add(ops.multiply(front, back), within); // [B,d]
}

export function biInteractionGrad<T>(ops: BasicOps<T>, m: T, c: T, dz: T): { readonly dm: T; readonly dc: T } {
  const [, cols] = ops.shape(m);
  const { x, front, back, factors } = pairs(ops, m, c);
  // dz / dx_i = the sum of the three other blocks
  const others = ops.concatColumns([
    ops.add(x[1], back),
    ops.add(x[0], back),
    ops.add(x[3], front),
    ops.add(x[2], front),
  ]);
  const dx = ops.multiply(ops.concatColumns([dz, dz, dz, dz]), others); // [B,4d]
  const dcWide = ops.sumRows(ops.multiply(dx, m)); // [1,4d]
  return { dm: ops.multiplyBroadcast(dx, factors), dc: ops.matmul(dcWide, allBlocks(ops, cols), false, true) };
}

interface Pairs<T> {
  /** [B,d] each */
  readonly x: readonly [T, T, T, T];
  /** x_0 + x_1 and x_2 + x_3 [B,d] */
  readonly front: T;
  readonly back: T;
  /** c, each d times [1,4d] */
  readonly factors: T;
}

function pairs<T>(ops: BasicOps<T>, m: T, c: T): Pairs<T> {
  const [, cols] = ops.shape(m);
  const d = cols / 4;
  const factors = ops.matmul(c, allBlocks(ops, cols), false, false); // [1,4d]
  const wide = ops.multiplyBroadcast(m, factors); // [B,4d]
  const block = (i: number) => ops.sliceColumns(wide, i * d, d);
  const x = [block(0), block(1), block(2), block(3)] as const;
  return { x, front: ops.add(x[0], x[1]), back: ops.add(x[2], x[3]), factors };
}

/** (1, v_u, v_t, v_s), each d times: [B,4d]. */
function blockFactors<T>(ops: BasicOps<T>, z4: T, v: T): T {
  const [, cols] = ops.shape(z4);
  const first = ops.constant(`first block ${cols}`, 1, cols, () => new Float32Array(cols).fill(1, 0, cols / 4));
  return ops.addBias(ops.matmul(v, lastThreeBlocks(ops, cols), false, false), first, false);
}

/** [3,4d]: row k has ones in block k + 1. */
function lastThreeBlocks<T>(ops: BasicOps<T>, cols: number): T {
  return ops.constant(`last three blocks ${cols}`, 3, cols, () => indicator(3, cols, 1));
}

/** [4,4d]: row k has ones in block k. */
function allBlocks<T>(ops: BasicOps<T>, cols: number): T {
  return ops.constant(`all blocks ${cols}`, 4, cols, () => indicator(4, cols, 0));
}

function indicator(rows: number, cols: number, firstBlock: number): Float32Array {
  const ones = new Float32Array(rows * cols);
  const d = cols / 4;
  for (let k = 0; k < rows; k++) ones.fill(1, k * cols + (k + firstBlock) * d, k * cols + (k + firstBlock + 1) * d);
  return ones;
}
