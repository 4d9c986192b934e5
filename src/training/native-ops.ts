import type { FloatArray, Ragged } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';
import { nativeAttributes } from './native-attributes.js';
import type { NativeAttribute, NativeBinding } from './native-binding.js';
import { bagWeights, ownersOf } from './ragged-lists.js';

/** A float32 matrix of TensorFlow's. */
export interface NativeMatrix {
  readonly id: number;
  readonly rows: number;
  readonly cols: number;
}

/** Ragged lists in TensorFlow's forms. */
interface NativeRagged {
  /** [N] */
  readonly items: number;
  /** [N] the row that owns each place */
  readonly owners: number;
  /** [N,2] pairs (row, item): the places of a sparse [B,u] matrix */
  readonly places: number;
}

interface Frame {
  readonly tensors: number[];
  readonly ragged: Map<Ragged, NativeRagged>;
}

/** Elementary operations on native TensorFlow, straight on the addon: no tensor objects, no engine in between. */
export class NativeOps implements BasicOps<NativeMatrix> {
  readonly name = 'tfjs-node';
  readonly #tf: NativeBinding;
  readonly #attributes: ReturnType<typeof nativeAttributes>;
  readonly #constants = new Map<string, NativeMatrix>();
  /** The numbers 0 and 1 as tensors: the axis of most operations. */
  readonly #axis: readonly [number, number];
  readonly #frames: Frame[] = [newFrame()];
  #live = 0;

  constructor(binding: NativeBinding) {
    this.#tf = binding;
    this.#attributes = nativeAttributes(binding);
    this.#axis = [this.#int32([], [0]), this.#int32([], [1])];
  }

  scope<R>(fn: () => R): R {
    this.#frames.push(newFrame());
    try {
      return fn();
    } finally {
      const { tensors } = this.#frames.pop()!;
      for (const id of tensors) this.#tf.deleteTensor(id);
      this.#live -= tensors.length;
    }
  }

  liveTensors(): number {
    return this.#live + this.#constants.size + this.#axis.length;
  }

  shape(x: NativeMatrix): readonly [rows: number, cols: number] {
    return [x.rows, x.cols];
  }

  upload(data: FloatArray, rows: number, cols: number): NativeMatrix {
    return { id: this.#keep(this.#float32([rows, cols], data)), rows, cols };
  }

  download<A extends FloatArray>(x: NativeMatrix, into: A): A {
    if (x.rows * x.cols > 0) into.set(this.#tf.tensorDataSync(x.id));
    return into;
  }

  constant(key: string, rows: number, cols: number, make: () => Float32Array): NativeMatrix {
    let matrix = this.#constants.get(key);
    if (matrix === undefined) {
      matrix = { id: this.#float32([rows, cols], make()), rows, cols };
      this.#constants.set(key, matrix);
    }
    return matrix;
  }

  matmul(a: NativeMatrix, b: NativeMatrix, transposeA: boolean, transposeB: boolean): NativeMatrix {
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
    const scalar = this.#keep(this.#float32([], [factor]));
    return this.#run('Mul', this.#attributes.float, [a.id, scalar], a.rows, a.cols);
  }

  addBias(x: NativeMatrix, bias: NativeMatrix, relu: boolean): NativeMatrix {
    const sum = this.add(x, bias);
    return relu ? this.#unary('Relu', sum) : sum;
  }

  reluOfSum(parts: readonly NativeMatrix[]): NativeMatrix {
    const first = parts[0]!;
    if (parts.length === 1) return this.#unary('Relu', first);
    const attributes = this.#attributes.sum(parts.length);
    const ids = parts.map((part) => part.id);
    return this.#unary('Relu', this.#run('AddN', attributes, ids, first.rows, first.cols));
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
    return this.#run('Sum', this.#attributes.reduce, [x.id, this.#axis[0]], 1, x.cols);
  }

  sumColumns(x: NativeMatrix): NativeMatrix {
    return this.#run('Sum', this.#attributes.reduce, [x.id, this.#axis[1]], x.rows, 1);
  }

  reshape(x: NativeMatrix, rows: number, cols: number): NativeMatrix {
    return this.#run(
      'Reshape',
      this.#attributes.reshape,
      [x.id, this.#keep(this.#int32([2], [rows, cols]))],
      rows,
      cols,
    );
  }

  concatColumns(parts: readonly NativeMatrix[]): NativeMatrix {
    let cols = 0;
    for (const part of parts) cols += part.cols;
    const ids = parts.map((part) => part.id);
    ids.push(this.#axis[1]);
    return this.#run('ConcatV2', this.#attributes.concat(parts.length), ids, parts[0]!.rows, cols);
  }

  sliceColumns(x: NativeMatrix, start: number, width: number): NativeMatrix {
    const begin = this.#keep(this.#int32([2], [0, start]));
    const size = this.#keep(this.#int32([2], [x.rows, width]));
    return this.#run('Slice', this.#attributes.slice, [x.id, begin, size], x.rows, width);
  }

  gather(x: NativeMatrix, index: Int32Array): NativeMatrix {
    return this.#gather(x, this.#keep(this.#int32([index.length], index)), index.length);
  }

  scatterAdd(dy: NativeMatrix, index: Int32Array, rows: number): NativeMatrix {
    return this.#scatter(dy, this.#keep(this.#int32([index.length], index)), rows);
  }

  gatherItems(x: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#gather(x, this.#ragged(list).items, list.items.length);
  }

  gatherRows(x: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#gather(x, this.#ragged(list).owners, list.items.length);
  }

  scatterItems(dy: NativeMatrix, list: Ragged, count: number): NativeMatrix {
    return this.#scatter(dy, this.#ragged(list).items, count);
  }

  scatterRows(dy: NativeMatrix, list: Ragged): NativeMatrix {
    return this.#scatter(dy, this.#ragged(list).owners, list.splits.length - 1);
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
    const sides = this.#keep(this.#tf.createTensor([2], this.#tf.TF_INT64, Int32Array.of(rows, 0, count, 0)));
    const inputs = [this.#ragged(list).places, weights, sides, x.id];
    return this.#run('SparseTensorDenseMatMul', this.#attributes.sparse[adjoint ? 1 : 0], inputs, outRows, x.cols);
  }

  #bagWeights(list: Ragged, mean: boolean): number {
    return this.#keep(this.#float32([list.items.length], bagWeights(list, mean)));
  }

  /** [N,1] -> the tensor's id as [N]. */
  #flat(x: NativeMatrix): number {
    return this.#run('Reshape', this.#attributes.reshape, [x.id, this.#keep(this.#int32([1], [x.rows]))], x.rows, 1).id;
  }

  #gather(x: NativeMatrix, index: number, length: number): NativeMatrix {
    return this.#run('GatherV2', this.#attributes.gather, [x.id, index, this.#axis[0]], length, x.cols);
  }

  #scatter(dy: NativeMatrix, index: number, rows: number): NativeMatrix {
    return this.#run(
      'UnsortedSegmentSum',
      this.#attributes.segment,
      [dy.id, index, this.#keep(this.#int32([], [rows]))],
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
    return { id: this.#keep(this.#tf.executeOp(name, attributes, inputs, 1)[0]!.id), rows, cols };
  }

  #ragged(list: Ragged): NativeRagged {
    for (const { ragged } of this.#frames) {
      const known = ragged.get(list);
      if (known !== undefined) return known;
    }
    const n = list.items.length;
    const owners = ownersOf(list);
    const places = new Int32Array(2 * n);
    for (let j = 0; j < n; j++) {
      places[2 * j] = owners[j]!;
      places[2 * j + 1] = list.items[j]!;
    }
    const made = {
      items: this.#keep(this.#int32([n], list.items)),
      owners: this.#keep(this.#int32([n], owners)),
      places: this.#keep(this.#int32([n, 2], places)),
    };
    this.#frames.at(-1)!.ragged.set(list, made);
    return made;
  }

  /** Frees the tensor when the innermost scope ends. */
  #keep(id: number): number {
    this.#live++;
    this.#frames.at(-1)!.tensors.push(id);
    return id;
  }

  #float32(shape: readonly number[], data: ArrayLike<number>): number {
    return this.#tf.createTensor(shape, this.#tf.TF_FLOAT, new Float32Array(data));
  }

  #int32(shape: readonly number[], data: ArrayLike<number>): number {
    return this.#tf.createTensor(shape, this.#tf.TF_INT32, new Int32Array(data));
  }
}

function newFrame(): Frame {
  return { tensors: [], ragged: new Map() };
}
