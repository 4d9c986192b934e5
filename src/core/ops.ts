import type { Ragged } from './sample-batch.js';

export type FloatArray = Float32Array | Float64Array;

/**
 * The small set of operations that every model is made of, on row-major matrices; weights are [out, in].
 * Engines implement it: a plain float64 reference (the oracle), the fused WebAssembly kernel, tfjs-node, tfjs-wasm.
 * One conformance suite compares them all with the reference.
 *
 * Functional: each call returns a new matrix and leaves its inputs alone. Everything made inside `scope` is freed when
 * it returns. Losses, the governor and the optimizers are not here: they are plain loops over downloaded arrays and so
 * the same for every engine, but for Adam on the dense weights of the fused engine, which its kernel steps in float32.
 */
export interface Ops<T> {
  /** `fused`, `tfjs-node`, `tfjs-wasm` or `reference`. */
  readonly name: string;

  /** Runs `fn` and frees all matrices made inside. Download what must outlive it. */
  scope<R>(fn: () => R): R;
  /** [rows, cols] of a matrix. */
  shape(x: T): readonly [rows: number, cols: number];
  /** Copies `data` (length rows * cols) into a matrix. */
  upload(data: FloatArray, rows: number, cols: number): T;
  /** Copies a matrix into `into` (length rows * cols), which is returned. */
  download<A extends FloatArray>(x: T, into: A): A;

  /** [n,k] x [k,m] -> [n,m]; `transposeA`: a is [k,n]; `transposeB`: b is [m,k]. */
  matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  /** Same shapes, elementwise. */
  add(a: T, b: T): T;
  multiply(a: T, b: T): T;
  scale(a: T, factor: number): T;
  /** x [n,m] + bias [1,m] on every row, then ReLU where asked. */
  addBias(x: T, bias: T, relu: boolean): T;
  /** dy where y > 0, else 0; `y` is ReLU's output. ReLU'(0) = 0. */
  reluGrad(dy: T, y: T): T;
  tanh(x: T): T;
  /** dy (1 - y^2); `y` is tanh's output. */
  tanhGrad(dy: T, y: T): T;
  /** Column sums: [n,m] -> [1,m]. */
  sumRows(x: T): T;
  concatColumns(parts: readonly T[]): T;
  /** Columns [start, start + width) of x. */
  sliceColumns(x: T, start: number, width: number): T;

  /** y[i] = x[index[i]]: [u,d] -> [index.length, d]. */
  gather(x: T, index: Int32Array): T;
  /** Adjoint of gather: out[index[i]] += dy[i]; out is [rows, d]. Summed in the order of i. */
  scatterAdd(dy: T, index: Int32Array, rows: number): T;
  /** y[i] = sum of x[bag.items[j]] over row i's list: [u,d] -> [B,d]; empty list -> zero row. `mean` divides by its length. */
  bag(x: T, bag: Ragged, mean: boolean): T;
  /** Adjoint of bag: [B,d] -> [rows,d]. */
  bagGrad(dy: T, bag: Ragged, rows: number, mean: boolean): T;

  /** Item attention over packed histories, paper equations 2 and 3. */
  attention(input: AttentionInput<T>): AttentionOutput<T>;
  attentionGrad(input: AttentionInput<T>, output: AttentionOutput<T>, dPooled: T): AttentionGrad<T>;
  /** Interest weights, paper equations 5 and 6. */
  interest(input: InterestInput<T>): InterestOutput<T>;
  interestGrad(input: InterestInput<T>, output: InterestOutput<T>, dWeights: T): InterestGrad<T>;
  /** m = blocks of z4 scaled by (1, v_u, v_t, v_s): z4 [B,4d], v [B,3] -> [B,4d]. */
  scaleBlocks(z4: T, v: T): T;
  scaleBlocksGrad(z4: T, v: T, dm: T): { readonly dz4: T; readonly dv: T };
  /** z = 1/2 [(sum_i c_i m_i)^2 - sum_i (c_i m_i)^2], paper equation 7: m [B,4d], c [1,4] -> [B,d]. */
  biInteraction(m: T, c: T): T;
  biInteractionGrad(m: T, c: T, dz: T): { readonly dm: T; readonly dc: T };
}

/**
 * x_l = [r_l | q | p | r_l * q], s_l = h . relu(W x_l), beta = softmax over the row's list, pooled = sum beta_l r_l.
 * An empty list gives a zero row.
 */
export interface AttentionInput<T> {
  /** [U,d] distinct items */
  readonly items: T;
  readonly history: Ragged;
  /** [B,d] the candidate */
  readonly q: T;
  /** [B,d] the user */
  readonly p: T;
  /** [d,4d] column blocks r, q, p, r*q */
  readonly W: T;
  /** [1,d] */
  readonly h: T;
}

export interface AttentionOutput<T> {
  /** [B,d] */
  readonly pooled: T;
  /** [N,1] packed, in the order of history.items */
  readonly beta: T;
  /** Whatever the engine keeps for the backward pass. */
  readonly saved: readonly T[];
}

export interface AttentionGrad<T> {
  /** [U,d] */
  readonly dItems: T;
  readonly dq: T;
  readonly dp: T;
  readonly dW: T;
  readonly dh: T;
}

/**
 * u_k = relu(V_k z4), e_k = exp(min(g_k . u_k, 15)), weights v_k = e_k + b_k (`outside`, as printed) or
 * exp(min(g_k . u_k + b_k, 15)) (`inside`), for k = user, target history, source history. Zero gradient beyond the clamp.
 */
export interface InterestInput<T> {
  /** [B,4d] = q | p | a | b */
  readonly z4: T;
  /** [3d,4d], the three V stacked */
  readonly V: T;
  /** [3,d] */
  readonly g: T;
  /** [1,3] */
  readonly b: T;
  readonly bias: 'outside' | 'inside';
}

export interface InterestOutput<T> {
  /** [B,3] v_u, v_t, v_s */
  readonly weights: T;
  readonly saved: readonly T[];
}

export interface InterestGrad<T> {
  readonly dz4: T;
  readonly dV: T;
  readonly dg: T;
  readonly db: T;
}
