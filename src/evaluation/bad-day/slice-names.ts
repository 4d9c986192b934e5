import type { Stateful, StateValue } from '../../core/index.js';

export interface SliceName {
  readonly dimension: string;
  readonly value: string;
}

/** Characters kept of a value. */
const MAX_VALUE = 100;

/** Numbers for the slices that rows in hand are of; a name is forgotten with the last row that uses it. */
export class SliceNames implements Stateful {
  #codes = new Map<string, Map<string, number>>();
  /** [code] null where free */
  #names: (SliceName | null)[] = [];
  /** [code] rows that use it */
  #uses: number[] = [];
  #free: number[] = [];

  /** Every code is below it. */
  get limit(): number {
    return this.#names.length;
  }

  /** One more row is of this slice. */
  take(dimension: string, fullValue: string): number {
    const value = fullValue.length > MAX_VALUE ? fullValue.slice(0, MAX_VALUE) : fullValue;
    let values = this.#codes.get(dimension);
    if (values === undefined) {
      values = new Map();
      this.#codes.set(dimension, values);
    }
    let code = values.get(value);
    if (code === undefined) {
      code = this.#free.pop() ?? this.#names.length;
      values.set(value, code);
      this.#names[code] = { dimension, value };
      this.#uses[code] = 0;
    }
    this.#uses[code]!++;
    return code;
  }

  /** A row with these slices is gone. */
  release(codes: readonly number[]): void {
    for (const code of codes) {
      if (--this.#uses[code]! > 0) continue;
      const { dimension, value } = this.#names[code]!;
      const values = this.#codes.get(dimension)!;
      values.delete(value);
      if (values.size === 0) this.#codes.delete(dimension);
      this.#names[code] = null;
      this.#free.push(code);
    }
  }

  /** A code in use. */
  nameOf(code: number): SliceName {
    return this.#names[code]!;
  }

  snapshot(): StateValue {
    return {
      dimensions: this.#names.map((name) => name?.dimension ?? null),
      values: this.#names.map((name) => name?.value ?? null),
      uses: Uint32Array.from(this.#uses),
      free: Uint32Array.from(this.#free),
    };
  }

  restore(state: StateValue): void {
    const { dimensions, values, uses, free } = state as unknown as SliceNamesState;
    this.#names = dimensions.map((dimension, code) =>
      dimension === null ? null : { dimension, value: values[code]! },
    );
    this.#uses = [...uses];
    this.#free = [...free];
    this.#codes = new Map();
    for (const [code, name] of this.#names.entries()) {
      if (name === null) continue;
      const known = this.#codes.get(name.dimension);
      if (known === undefined) this.#codes.set(name.dimension, new Map([[name.value, code]]));
      else known.set(name.value, code);
    }
  }
}

interface SliceNamesState {
  readonly dimensions: readonly (string | null)[];
  readonly values: readonly (string | null)[];
  readonly uses: Uint32Array;
  readonly free: Uint32Array;
}
