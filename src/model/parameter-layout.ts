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
  readonly #byKey: ReadonlyMap<string, PlacedMatrix>;

  constructor(matrices: readonly ParameterMatrix[]) {
    let offset = 0;
    this.matrices = matrices.map((matrix) => {
      const placed = { ...matrix, offset, length: matrix.rows * matrix.cols };
      offset += placed.length;
      return placed;
    });
    this.length = offset;
    this.#byKey = new Map(this.matrices.map((matrix) => [matrix.key, matrix]));
  }

  get(key: string): PlacedMatrix {
    return this.#byKey.get(key) ?? bug(`the model has no parameter ${key}`);
  }

  /** Part of a flat vector that belongs to a matrix: a view. */
  view<A extends FloatArray>(flat: A, key: string): A {
    const { offset, length } = this.get(key);
    return flat.subarray(offset, offset + length) as A;
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
