import type { Ops, Ragged } from '../core/index.js';

/** The operations of `Ops` that a tensor library has a kernel for; the rest is composed of them. */
type Elementary =
  | 'name'
  | 'scope'
  | 'shape'
  | 'upload'
  | 'download'
  | 'matmul'
  | 'add'
  | 'multiply'
  | 'scale'
  | 'addBias'
  | 'reluGrad'
  | 'tanh'
  | 'tanhGrad'
  | 'sumRows'
  | 'concatColumns'
  | 'sliceColumns'
  | 'gather'
  | 'scatterAdd'
  | 'bag'
  | 'bagGrad';

/**
 * What a tensor library brings to `composeOps`: the elementary operations of `Ops` and some that only the composed ones
 * need. All matrices have two dimensions. Ragged lists are never changed while a scope is open, so an engine may keep
 * its own form of them until the scope ends.
 */
export interface BasicOps<T> extends Pick<Ops<T>, Elementary> {
  /** A constant that outlives every scope, made at its first use. */
  constant(key: string, rows: number, cols: number, make: () => Float32Array): T;
  /** Sum of the parts, all [n,m]. */
  sum(parts: readonly T[]): T;
  /** Sum of the parts, all [n,m], then ReLU. */
  reluOfSum(parts: readonly T[]): T;
  /** x [n,m] times y on every row (y [1,m]) or on every column (y [n,1]). */
  multiplyBroadcast(x: T, y: T): T;
  /** Sum over the columns: [n,m] -> [n,1]. */
  sumColumns(x: T): T;
  /** Same values in the same order, other sides. */
  reshape(x: T, rows: number, cols: number): T;
  /** y[j] = x[list.items[j]]: [u,d] -> [N,d]. */
  gatherItems(x: T, list: Ragged): T;
  /** y[j] = x[row that owns j]: [B,d] -> [N,d]. */
  gatherRows(x: T, list: Ragged): T;
  /** Adjoint of gatherItems: [N,d] -> [count,d]. */
  scatterItems(dy: T, list: Ragged, count: number): T;
  /** Adjoint of gatherRows: [N,d] -> [B,d]. */
  scatterRows(dy: T, list: Ragged): T;
  /** y[i] = sum of weight[j] x[list.items[j]] over row i's list: x [u,d], weight [N,1] -> [B,d]. */
  weightedBag(x: T, list: Ragged, weight: T): T;
  /** Its adjoint in x: dy [B,d], weight [N,1] -> [count,d]. */
  weightedBagGrad(dy: T, list: Ragged, weight: T, count: number): T;
  /** Matrices that live now, constants included. */
  liveTensors(): number;
}
