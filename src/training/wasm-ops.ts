import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { FloatArray, Ragged } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';
import { bagWeights, checkWithin, ownersOf } from './ragged-lists.js';

type Matrix = TensorFlow.Tensor2D;

/**
 * Elementary operations on the tfjs WebAssembly backend, by its public interface. Three of its kernels are missing or ten
 * times too slow: a product with transposed operands is a scalar loop (so transposes are made first here); a gather goes
 * element by element and segment sums do not exist (so both are plain loops over the downloaded values).
 */
export class WasmOps implements BasicOps<Matrix> {
  readonly name = 'tfjs-wasm';
  readonly #tf: typeof TensorFlow;
  readonly #constants = new Map<string, Matrix>();

  constructor(tf: typeof TensorFlow) {
    this.#tf = tf;
  }

  /** Not tf.tidy, which walks every element of a typed array that it returns. */
  scope<R>(fn: () => R): R {
    const engine = this.#tf.engine();
    engine.startScope();
    try {
      return fn();
    } finally {
      engine.endScope();
    }
  }

  liveTensors(): number {
    return this.#tf.memory().numTensors;
  }

  shape(x: Matrix): readonly [rows: number, cols: number] {
    return x.shape;
  }

  upload(data: FloatArray, rows: number, cols: number): Matrix {
    return this.#tf.tensor2d(new Float32Array(data), [rows, cols]);
  }

  download<A extends FloatArray>(x: Matrix, into: A): A {
    into.set(x.dataSync());
    return into;
  }

  constant(key: string, rows: number, cols: number, make: () => Float32Array): Matrix {
    let matrix = this.#constants.get(key);
    if (matrix === undefined) {
      matrix = this.#tf.keep(this.#tf.tensor2d(make(), [rows, cols]));
      this.#constants.set(key, matrix);
    }
    return matrix;
  }

  matmul(a: Matrix, b: Matrix, transposeA: boolean, transposeB: boolean): Matrix {
    const left = transposeA ? this.#tf.transpose(a) : a; // [n,k]
    const right = transposeB ? this.#tf.transpose(b) : b; // [k,m]
    if (left.size === 0 || right.size === 0) return this.#tf.zeros([left.shape[0], right.shape[1]]);
    return this.#tf.matMul(left, right);
  }

  add(a: Matrix, b: Matrix): Matrix {
    return this.#tf.add(a, b);
  }

  multiply(a: Matrix, b: Matrix): Matrix {
    return this.#tf.mul(a, b);
  }

  multiplyBroadcast(x: Matrix, y: Matrix): Matrix {
    return this.#tf.mul(x, y);
  }

  scale(a: Matrix, factor: number): Matrix {
    return this.#tf.mul(a, factor);
  }

  addBias(x: Matrix, bias: Matrix, relu: boolean): Matrix {
    const sum = this.add(x, bias);
    return relu ? this.#tf.relu(sum) : sum;
  }

  reluOfSum(parts: readonly Matrix[]): Matrix {
    return this.#tf.relu(this.sum(parts));
  }

  sum(parts: readonly Matrix[]): Matrix {
    return parts.reduce((sum, part) => this.add(sum, part));
  }

  reluGrad(dy: Matrix, y: Matrix): Matrix {
    return this.#tf.mul(dy, this.#tf.step(y));
  }

  tanh(x: Matrix): Matrix {
    return this.#tf.tanh(x);
  }

  tanhGrad(dy: Matrix, y: Matrix): Matrix {
    return this.#tf.mul(dy, this.#tf.sub(1, this.#tf.square(y)));
  }

  sumRows(x: Matrix): Matrix {
    return this.#tf.sum(x, 0, true);
  }

  sumColumns(x: Matrix): Matrix {
    return this.#tf.sum(x, 1, true);
  }

  reshape(x: Matrix, rows: number, cols: number): Matrix {
    return this.#tf.reshape(x, [rows, cols]);
  }

  concatColumns(parts: readonly Matrix[]): Matrix {
    return this.#tf.concat([...parts], 1);
  }

  sliceColumns(x: Matrix, start: number, width: number): Matrix {
    return this.#tf.slice2d(x, [0, start], [x.shape[0], width]);
  }

  gather(x: Matrix, index: Int32Array): Matrix {
    const [rows, cols] = x.shape;
    checkWithin(index, rows);
    const from = x.dataSync();
    const gathered = new Float32Array(index.length * cols);
    for (let i = 0; i < index.length; i++) {
      const start = index[i]! * cols;
      for (let k = 0; k < cols; k++) gathered[i * cols + k] = from[start + k]!;
    }
    return this.#tf.tensor2d(gathered, [index.length, cols]);
  }

  scatterAdd(dy: Matrix, index: Int32Array, rows: number): Matrix {
    checkWithin(index, rows);
    const cols = dy.shape[1];
    const from = dy.dataSync();
    const sums = new Float32Array(rows * cols);
    for (let i = 0; i < index.length; i++) addRow(sums, index[i]! * cols, from, i * cols, 1, cols);
    return this.#tf.tensor2d(sums, [rows, cols]);
  }

  gatherItems(x: Matrix, list: Ragged): Matrix {
    return this.gather(x, list.items);
  }

  gatherRows(x: Matrix, list: Ragged): Matrix {
    return this.gather(x, ownersOf(list));
  }

  scatterItems(dy: Matrix, list: Ragged, count: number): Matrix {
    return this.scatterAdd(dy, list.items, count);
  }

  scatterRows(dy: Matrix, list: Ragged): Matrix {
    return this.scatterAdd(dy, ownersOf(list), list.splits.length - 1);
  }

  bag(x: Matrix, list: Ragged, mean: boolean): Matrix {
    return this.#bag(x, list, bagWeights(list, mean));
  }

  bagGrad(dy: Matrix, list: Ragged, rows: number, mean: boolean): Matrix {
    return this.#bagGrad(dy, list, bagWeights(list, mean), rows);
  }

  weightedBag(x: Matrix, list: Ragged, weight: Matrix): Matrix {
    return this.#bag(x, list, weight.dataSync<'float32'>());
  }

  weightedBagGrad(dy: Matrix, list: Ragged, weight: Matrix, count: number): Matrix {
    return this.#bagGrad(dy, list, weight.dataSync<'float32'>(), count);
  }

  #bag(x: Matrix, list: Ragged, weight: Float32Array): Matrix {
    const { splits, items } = list;
    checkWithin(items, x.shape[0]);
    const cols = x.shape[1];
    const rows = splits.length - 1;
    const from = x.dataSync<'float32'>();
    const sums = new Float32Array(rows * cols);
    for (let row = 0; row < rows; row++) {
      for (let j = splits[row]!; j < splits[row + 1]!; j++) {
        addRow(sums, row * cols, from, items[j]! * cols, weight[j]!, cols);
      }
    }
    return this.#tf.tensor2d(sums, [rows, cols]);
  }

  #bagGrad(dy: Matrix, list: Ragged, weight: Float32Array, count: number): Matrix {
    const { splits, items } = list;
    checkWithin(items, count);
    const cols = dy.shape[1];
    const from = dy.dataSync<'float32'>();
    const sums = new Float32Array(count * cols);
    for (let row = 0; row + 1 < splits.length; row++) {
      for (let j = splits[row]!; j < splits[row + 1]!; j++) {
        addRow(sums, items[j]! * cols, from, row * cols, weight[j]!, cols);
      }
    }
    return this.#tf.tensor2d(sums, [count, cols]);
  }
}

function addRow(
  to: Float32Array,
  at: number,
  from: ArrayLike<number>,
  start: number,
  factor: number,
  cols: number,
): void {
  for (let k = 0; k < cols; k++) to[at + k]! += factor * from[start + k]!;
}
