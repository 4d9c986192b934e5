import type { FloatArray, Ragged } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';
import { nativeAttributes } from './native-attributes.js';
import type { NativeAttribute, NativeBinding } from './native-binding.js';
import { NativeTensors } from './native-tensors.js';
import { bagWeights } from './ragged-lists.js';

/** A float32 matrix of TensorFlow's. */
export interface NativeMatrix {
  readonly id: number;
  readonly rows: number;
  readonly cols: number;
}

/** From here on all row counts give a row the same bits (measured: TensorFlow 2.15.1, with and without oneDNN). */
const MIN_PRODUCT_ROWS = 16;

/** Elementary operations on native TensorFlow, straight on the addon: no tensor objects, no engine in between. */
export class NativeOps implements BasicOps<NativeMatrix> {
  readonly name = 'tfjs-node';
  readonly #tensors: NativeTensors;
  readonly #attributes: ReturnType<typeof nativeAttributes>;

  constructor(binding: NativeBinding) {
    this.#tensors = new NativeTensors(binding);
    this.#attributes = nativeAttributes(binding);
  }

  scope<R>(fn: () => R): R {
    return this.#tensors.scope(fn);
  }

  liveTensors(): number {
    return this.#tensors.live;
  }

  shape(x: NativeMatrix): readonly [rows: number, cols: number] {
    return [x.rows, x.cols];
  }

  upload(data: FloatArray, rows: number, cols: number): NativeMatrix {
    return { id: this.#tensors.float32([rows, cols], data), rows, cols };
  }

  download<A extends FloatArray>(x: NativeMatrix, into: A): A {
    if (x.rows * x.cols > 0) into.set(this.#tensors.read(x.id));
    return into;
  }

  constant(key: string, rows: number, cols: number, make: () => Float32Array): NativeMatrix {
    return { id: this.#tensors.constantFloats(key, [rows, cols], make), rows, cols };
  }

  /**
   * Where a's rows stay rows, the bits of a row of the product do not depend on the other rows. TensorFlow has other
   * kernels, with other roundings, for one column and for few rows: the former is a sum of products here, the latter
   * are filled up with rows of zeros.
   */
  matmul(a: NativeMatrix, b: NativeMatrix, transposeA: boolean, transposeB: boolean): NativeMatrix {
    if (transposeA) return this.#product(a, b, true, transposeB);
    if ((transposeB ? b.rows : b.cols) === 1) {
      return this.sumColumns(this.multiply(a, transposeB ? b : this.reshape(b, 1, b.rows)));
    }
    if (a.rows >= MIN_PRODUCT_ROWS) return this.#product(a, b, false, transposeB);
    const fill = this.#tensors.constantInts([2, 2], [0, MIN_PRODUCT_ROWS - a.rows, 0, 0]);
    const filled = this.#run('Pad', this.#attributes.pad, [a.id, fill], MIN_PRODUCT_ROWS, a.cols);
    const product = this.#product(filled, b, false, transposeB);
    const inputs = [product.id, this.#tensors.constantInts([2], [0, 0]), this.#tensors.constantInts([2], [a.rows, -1])];
    return this.#run('Slice', this.#attributes.slice, inputs, a.rows, product.cols);
  }

  #product(a: NativeMatrix, b: NativeMatrix, transposeA: boolean, transposeB: boolean): NativeMatrix {
    const attributes = this.#attributes.matmul[transposeA ? 1 : 0][transposeB ? 1 : 0];
    return this.#run('MatMul', attributes, [a.id, b.id], transposeA ? a.cols : a.rows, transposeB ? b.rows : b.cols);
  }

  add(a: NativeMatrix, b: NativeMatrix): NativeMatrix {
    return this.#run('AddV2', this.#attributes.float, [a.id, b.id], a.rows, a.cols);
  }

  multiply(a: NativeMatrix, b: NativeMatrix): NativeMatrix {
    return this.#run('Mul', this.#attributes.float, [a.id, b.id], a.rows, a.cols);
  }

  multiplyBroadcast(x: NativeMatrix, y: NativeMatrix): NativeMatrix {
    return this.multiply(x, y);
  }

  scale(a: NativeMatrix, factor: number): NativeMatrix {
    const scalar = this.#tensors.float32([], [factor]);
    return this.#run('Mul', this.#attributes.float, [a.id, scalar], a.rows, a.cols);
  }

  addBias(x: NativeMatrix, bias: NativeMatrix, relu: boolean): NativeMatrix {
    const sum = this.add(x, bias);
    return relu ? this.#unary('Relu', sum) : sum;
  }

  reluOfSum(parts: readonly NativeMatrix[]): NativeMatrix {
    return this.#unary('Relu', parts.length === 1 ? parts[0]! : this.sum(parts));
  }

  sum(parts: readonly NativeMatrix[]): NativeMatrix {
    const { rows, cols } = parts[0]!;
    const ids = parts.map((part) => part.id);
    return this.#run('AddN', this.#attributes.sum(parts.length), ids, rows, cols);
  }

  reluGrad(dy: NativeMatrix, y: NativeMatrix): NativeMatrix {
    return this.#run('ReluGrad', this.#attributes.float, [dy.id, y.id], y.rows, y.cols);
  }

  tanh(x: NativeMatrix): NativeMatrix {
    return this.#unary('Tanh', x);
  }

  tanhGrad(dy: NativeMatrix, y: NativeMatrix): NativeMatrix {
    return this.#run('TanhGrad', this.#attributes.float, [y.id, dy.id], y.rows, y.cols);
  }

  sumRows(x: NativeMatrix): NativeMatrix {
    return this.#run('Sum', this.#attributes.reduce, [x.id, this.#tensors.constantInts([], [0])], 1, x.cols);
  }

  sumColumns(x: NativeMatrix): NativeMatrix {
    return this.#run('Sum', this.#attributes.reduce, [x.id, this.#tensors.constantInts([], [1])], x.rows, 1);
  }

  reshape(x: NativeMatrix, rows: number, cols: number): NativeMatrix {
    return this.#run(
      'Reshape',
      this.#attributes.reshape,
      [x.id, this.#tensors.constantInts([2], [-1, cols])],
      rows,
      cols,
    );
  }

  concatColumns(parts: readonly NativeMatrix[]): NativeMatrix {
    let cols = 0;
    for (const part of parts) cols += part.cols;
    const ids = parts.map((part) => part.id);
    ids.push(this.#tensors.constantInts([], [1]));
    return this.#run('ConcatV2', this.#attributes.concat(parts.length), ids, parts[0]!.rows, cols);
  }

  sliceColumns(x: NativeMatrix, start: number, width: number): NativeMatrix {
    const begin = this.#tensors.constantInts([2], [0, start]);
    const size = this.#tensors.constantInts([2], [-1, width]);
    return this.#run('Slice', this.#attributes.slice, [x.id, begin, size], x.rows, width);
  }

  gather(x: NativeMatrix, index: Int32Array): NativeMatrix {
    return this.#gather(x, this.#tensors.int32([index.length], index), index.length);
  }

  scatterAdd(dy: NativeMatrix, index: Int32Array, rows: number): NativeMatrix {
    return this.#scatter(dy, this.#tensors.int32([index.length], index), rows);
  }

  gatherItems(x: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#gather(x, this.#tensors.ragged(list).items, list.items.length);
  }

  gatherRows(x: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#gather(x, this.#tensors.ragged(list).owners, list.items.length);
  }

  scatterItems(dy: NativeMatrix, list: Ragged, count: number): NativeMatrix {
    return this.#scatter(dy, this.#tensors.ragged(list).items, count);
  }

  scatterRows(dy: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#scatter(dy, this.#tensors.ragged(list).owners, list.splits.length - 1);
  }

  bag(x: NativeMatrix, list: Ragged, mean: boolean): NativeMatrix {
    return this.#sparseProduct(list, this.#bagWeights(list, mean), x, list.splits.length - 1, x.rows, false);
  }

  bagGrad(dy: NativeMatrix, list: Ragged, rows: number, mean: boolean): NativeMatrix {
    return this.#sparseProduct(list, this.#bagWeights(list, mean), dy, dy.rows, rows, true);
  }

  weightedBag(x: NativeMatrix, list: Ragged, weight: NativeMatrix): NativeMatrix {
    return this.#sparseProduct(list, this.#flat(weight), x, list.splits.length - 1, x.rows, false);
  }

  weightedBagGrad(dy: NativeMatrix, list: Ragged, weight: NativeMatrix, count: number): NativeMatrix {
    return this.#sparseProduct(list, this.#flat(weight), dy, dy.rows, count, true);
  }

  /** S x, or S^T x where `adjoint`; S [rows, count] has weight[j] at (row that owns j, items[j]), doubles added up. */
  #sparseProduct(
    list: Ragged,
    weights: number,
    x: NativeMatrix,
    rows: number,
    count: number,
    adjoint: boolean,
  ): NativeMatrix {
    const outRows = adjoint ? count : rows;
    if (list.items.length === 0) return this.upload(new Float32Array(outRows * x.cols), outRows, x.cols);
    const sides = this.#tensors.int64Pair(rows, count);
    const inputs = [this.#tensors.ragged(list).places, weights, sides, x.id];
    return this.#run('SparseTensorDenseMatMul', this.#attributes.sparse[adjoint ? 1 : 0], inputs, outRows, x.cols);
  }

  #bagWeights(list: Ragged, mean: boolean): number {
    return this.#tensors.float32([list.items.length], bagWeights(list, mean));
  }

  /** [N,1] -> the tensor's id as [N]. */
  #flat(x: NativeMatrix): number {
    return this.#run('Reshape', this.#attributes.reshape, [x.id, this.#tensors.constantInts([1], [-1])], x.rows, 1).id;
  }

  #gather(x: NativeMatrix, index: number, length: number): NativeMatrix {
    return this.#run(
      'GatherV2',
      this.#attributes.gather,
      [x.id, index, this.#tensors.constantInts([], [0])],
      length,
      x.cols,
    );
  }

  #scatter(dy: NativeMatrix, index: number, rows: number): NativeMatrix {
    return this.#run(
      'UnsortedSegmentSum',
      this.#attributes.segment,
      [dy.id, index, this.#tensors.int32([], [rows])],
      rows,
      dy.cols,
    );
  }

  #unary(name: string, x: NativeMatrix): NativeMatrix {
    return this.#run(name, this.#attributes.float, [x.id], x.rows, x.cols);
  }

  #run(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    rows: number,
    cols: number,
  ): NativeMatrix {
    return { id: this.#tensors.execute(name, attributes, inputs), rows, cols };
  }
}
