import type { FloatArray } from '../core/index.js';
import { bug } from '../core/index.js';

export type Initialisation = 'xavier' | 'he' | 'zero' | 'one';

/** A matrix that the forward pass reads: one tensor, or several of one shape laid end to end. */
export interface ParameterMatrix {
  readonly key: string;
  readonly rows: number;
  readonly cols: number;
  /** Names of its tensors in checkpoints and fixtures. */
  readonly tensors: readonly string[];
  /** Shape of each of them; matrices are [out, in]. */
  readonly tensorShape: readonly number[];
  readonly initialisation: Initialisation;
}

export interface PlacedMatrix extends ParameterMatrix {
  /** Where it begins in the flat vector. */
  readonly offset: number;
  readonly length: number;
}

/** All dense parameters of a model in one flat vector, with names for its parts. */
export class ParameterLayout {
  readonly matrices: readonly PlacedMatrix[];
  /** Length of the flat vector: the number of dense parameters. */
  readonly length: number;
  readonly #numbers: ReadonlyMap<string, number>;
  /** Of each flat vector that has been seen. */
  readonly #views = new WeakMap<FloatArray, readonly FloatArray[]>();

  constructor(matrices: readonly ParameterMatrix[]) {
    let offset = 0;
    this.matrices = matrices.map((matrix) => {
      const placed = { ...matrix, offset, length: matrix.rows * matrix.cols };
      offset += placed.length;
      return placed;
    });
    this.length = offset;
    this.#numbers = new Map(this.matrices.map(({ key }, i) => [key, i]));
  }

  /** Place among `matrices`. */
  numberOf(key: string): number {
    return this.#numbers.get(key) ?? bug(`the model has no parameter ${key}`);
  }

  get(key: string): PlacedMatrix {
    return this.matrices[this.numberOf(key)]!;
  }

  /** Part of a flat vector that belongs to a matrix: a view. */
  view<A extends FloatArray>(flat: A, key: string): A {
    return this.views(flat)[this.numberOf(key)]!;
  }

  /** The parts of a flat vector, one a matrix: views, made once. */
  views<A extends FloatArray>(flat: A): readonly A[] {
    const known = this.#views.get(flat);
    if (known !== undefined) return known as readonly A[];
    const views = this.matrices.map(({ offset, length }) => flat.subarray(offset, offset + length) as A);
    this.#views.set(flat, views);
    return views;
  }

  /** Named tensors over a flat vector, as views, in the order of the layout. */
  tensors<A extends FloatArray>(flat: A): { name: string; shape: readonly number[]; data: A }[] {
    return this.matrices.flatMap(({ tensors, tensorShape, offset, length }) => {
      const size = length / tensors.length;
      return tensors.map((name, i) => ({
        name,
        shape: tensorShape,
        data: flat.subarray(offset + i * size, offset + (i + 1) * size) as A,
      }));
    });
  }
}
