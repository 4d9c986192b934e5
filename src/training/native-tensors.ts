import type { Ragged } from '../core/index.js';
import type { NativeAttribute, NativeBinding } from './native-binding.js';
import { ownersOf } from './ragged-lists.js';

/** Ragged lists in TensorFlow's forms: tensor numbers. */
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

/** TensorFlow's tensors by number, each freed when the innermost scope open at its making ends, or kept as a constant. */
export class NativeTensors {
  readonly #tf: NativeBinding;
  readonly #frames: Frame[] = [newFrame()];
  readonly #constants = new Map<string, number>();
  #live = 0;

  constructor(binding: NativeBinding) {
    this.#tf = binding;
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

  /** Tensors alive, constants included. */
  get live(): number {
    return this.#live + this.#constants.size;
  }

  execute(operation: string, attributes: readonly NativeAttribute[], inputs: readonly number[]): number {
    return this.#own(this.#tf.executeOp(operation, attributes, inputs, 1)[0]!.id);
  }

  /** Copies: TensorFlow shares the memory of the array that it is given. */
  float32(shape: readonly number[], data: ArrayLike<number>): number {
    return this.#own(this.#tf.createTensor(shape, this.#tf.TF_FLOAT, new Float32Array(data)));
  }

  int32(shape: readonly number[], data: ArrayLike<number>): number {
    return this.#own(this.#tf.createTensor(shape, this.#tf.TF_INT32, new Int32Array(data)));
  }

  /** A pair of numbers below 2^31 as int64 [2]; the addon takes an int64 as two int32, the low one first. */
  int64Pair(first: number, second: number): number {
    return this.#own(this.#tf.createTensor([2], this.#tf.TF_INT64, Int32Array.of(first, 0, second, 0)));
  }

  read(id: number): Float32Array {
    return this.#tf.tensorDataSync(id);
  }

  /** Never freed: what follows the model and not the batch. */
  constantFloats(key: string, shape: readonly number[], make: () => Float32Array): number {
    return this.#constant(key, () => this.#tf.createTensor(shape, this.#tf.TF_FLOAT, make()));
  }

  /** Axes, shapes and places; never freed. */
  constantInts(shape: readonly number[], values: readonly number[]): number {
    const make = () => this.#tf.createTensor(shape, this.#tf.TF_INT32, Int32Array.from(values));
    return this.#constant(`${shape}:${values}`, make);
  }

  /** The list's forms, made once a scope. */
  ragged(list: Ragged): NativeRagged {
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
      items: this.int32([n], list.items),
      owners: this.int32([n], owners),
      places: this.int32([n, 2], places),
    };
    this.#frames.at(-1)!.ragged.set(list, made);
    return made;
  }

  #constant(key: string, make: () => number): number {
    let id = this.#constants.get(key);
    if (id === undefined) {
      id = make();
      this.#constants.set(key, id);
    }
    return id;
  }

  #own(id: number): number {
    this.#live++;
    this.#frames.at(-1)!.tensors.push(id);
    return id;
  }
}

function newFrame(): Frame {
  return { tensors: [], ragged: new Map() };
}
