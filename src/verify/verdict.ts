/** What one case of a fixture file came to. */
export interface Verdict {
  readonly file: string;
  /** The engine or the formula that was checked. */
  readonly subject: string;
  readonly status: 'ok' | 'MISS' | 'skip';
  /** Worst error and where, or why it was skipped. */
  readonly detail: string;
}

/** How far a number may lie from what the fixture says, as a function of the latter. */
export type Tolerance = (expected: number) => number;

/** 1e-9 relative, numbers below 1e-3 counting as 1e-3. */
export const FLOAT64: Tolerance = (expected) => 1e-9 * Math.max(Math.abs(expected), 1e-3);
/** 2e-4 absolute. */
export const FLOAT32_OUTPUT: Tolerance = () => 2e-4;
/** 1e-3 relative, at least 1e-5. */
export const FLOAT32_GRADIENT: Tolerance = (expected) => Math.max(1e-3 * Math.abs(expected), 1e-5);

/** Collects differences of one case; the worst one decides. */
export class Comparison {
  #worst = 0;
  #error = 0;
  #where = 'nothing';
  #compared = 0;

  /** Null on either side must be null on both. */
  number(where: string, actual: number | null, expected: number | null, tolerance: Tolerance): void {
    this.#compared++;
    if (actual === null || expected === null) {
      if (actual !== expected) this.#note(where, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      return;
    }
    const error = Math.abs(actual - expected);
    // a NaN is the worst error there is
    if (Number.isNaN(error)) this.#note(where, Number.POSITIVE_INFINITY, Number.NaN);
    else this.#note(where, error === 0 ? 0 : error / tolerance(expected), error);
  }

  numbers(where: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance): void {
    if (actual.length !== expected.length) this.#note(`${where} (length)`, Number.POSITIVE_INFINITY, Number.NaN);
    for (let i = 0; i < expected.length; i++) this.number(where, actual[i] ?? Number.NaN, expected[i]!, tolerance);
  }

  equal(where: string, same: boolean): void {
    this.number(where, same ? 0 : Number.POSITIVE_INFINITY, 0, () => 0);
  }

  verdict(file: string, subject: string): Verdict {
    const ok = this.#worst <= 1 && this.#compared > 0;
    const error = this.#error.toExponential(1);
    const detail = `${this.#compared} numbers, worst error ${error} (${this.#worst.toExponential(1)} of what is allowed) at ${this.#where}`;
    return { file, subject, status: ok ? 'ok' : 'MISS', detail };
  }

  #note(where: string, ratio: number, error: number): void {
    if (ratio < this.#worst || (ratio === this.#worst && this.#where !== 'nothing')) return;
    this.#worst = ratio;
    this.#error = error;
    this.#where = where;
  }
}
