import type { Stateful, StateValue } from '../core/index.js';

/** Exponential moving average that starts at its first observation. */
export class MovingAverage implements Stateful {
  readonly #decay: number;
  #value: number | null = null;

  constructor(decay: number) {
    this.#decay = decay;
  }

  /** Null before the first observation. */
  get value(): number | null {
    return this.#value;
  }

  observe(x: number): void {
    this.#value = this.#value === null ? x : this.#decay * this.#value + (1 - this.#decay) * x;
  }

  snapshot(): StateValue {
    return this.#value;
  }

  restore(state: StateValue): void {
    this.#value = state as number | null;
  }
}
