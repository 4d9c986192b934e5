import type { Stateful, StateValue } from '../core/index.js';

/**
 * Neumaier's compensated sum: windows subtract what they once added, and a plain float64 sum would drift away over
 * millions of removals.
 */
export class CompensatedSum implements Stateful {
  #sum = 0;
  #compensation = 0;

  add(term: number): void {
    const sum = this.#sum + term;
    this.#compensation += Math.abs(this.#sum) >= Math.abs(term) ? this.#sum - sum + term : term - sum + this.#sum;
    this.#sum = sum;
  }

  get value(): number {
    return this.#sum + this.#compensation;
  }

  snapshot(): StateValue {
    return [this.#sum, this.#compensation];
  }

  restore(state: StateValue): void {
    [this.#sum, this.#compensation] = state as readonly [number, number];
  }
}
