import type { RankingReference } from './ranking-reference.js';
import type { WatchedRow } from './watched-row.js';

/** Kept of a slice: rows, sum and sum of squares of the excess, sum of weights, of weighted errors. */
const NUMBERS = 5;

/** A mean and the variance of its error. */
export interface Estimate {
  readonly mean: number;
  readonly variance: number;
}

/** What everybody's rows were, by definition. */
export const NO_EXCESS: Estimate = { mean: 0, variance: 0 };

/** How the rows of every slice, and all of them, are ranked. */
export class SliceMoments {
  /** [slice][NUMBERS] */
  readonly #numbers: Float64Array;
  readonly #all = new Float64Array(NUMBERS);

  /** Slices of the rows are below `limit`. */
  constructor(rows: readonly WatchedRow[], reference: RankingReference, limit: number) {
    this.#numbers = new Float64Array(limit * NUMBERS);
    for (const row of rows) {
      const weight = reference.weightOf(row);
      const error = reference.errorOf(row);
      count(this.#all, 0, weight, error, reference.error);
      for (const slice of row.slices) count(this.#numbers, slice * NUMBERS, weight, error, reference.error);
    }
  }

  get rows(): number {
    return this.#all[0]!;
  }

  rowsOf(slice: number): number {
    return this.#numbers[slice * NUMBERS]!;
  }

  excessOf(slice: number): Estimate {
    const at = slice * NUMBERS;
    return estimate(this.#numbers[at]!, this.#numbers[at + 1]!, this.#numbers[at + 2]!);
  }

  /** Of the rows outside the slice. */
  excessBeside(slice: number): Estimate {
    const at = slice * NUMBERS;
    const of = (i: number): number => this.#all[i]! - this.#numbers[at + i]!;
    return estimate(of(0), of(1), of(2));
  }

  get excess(): Estimate {
    return estimate(this.#all[0]!, this.#all[1]!, this.#all[2]!);
  }

  /** Mean error of the slice's rows; null without rows. */
  errorOf(slice: number): number | null {
    const at = slice * NUMBERS;
    return this.#numbers[at] === 0 ? null : this.#numbers[at + 4]! / this.#numbers[at + 3]!;
  }
}

function count(numbers: Float64Array, at: number, weight: number, error: number, usual: number): void {
  const excess = weight * (error - usual);
  numbers[at]!++;
  numbers[at + 1]! += excess;
  numbers[at + 2]! += excess * excess;
  numbers[at + 3]! += weight;
  numbers[at + 4]! += weight * error;
}

function estimate(rows: number, sum: number, squares: number): Estimate {
  const mean = rows === 0 ? 0 : sum / rows;
  const variance = rows < 2 ? 0 : Math.max(0, squares / rows - mean * mean) / (rows - 1);
  return { mean, variance };
}
