import type { Stateful, StateValue } from '../../core/index.js';

/**
 * The signal for DDM: whether a row stands on the wrong side of the mean logit, over rows whose labels take turns. At a
 * click rate of 1 % the error rate of all rows would be the click rate.
 */
export class BalancedErrors implements Stateful {
  #rows = 0;
  #meanLogit = 0;
  #lastLabel = 0;

  /** Null for rows that are passed over: those with the label of the row taken before. */
  next(logit: number, label: 0 | 1): number | null {
    this.#rows++;
    const middle = this.#meanLogit;
    this.#meanLogit += (logit - middle) / this.#rows;
    if (label === this.#lastLabel) return null;
    this.#lastLabel = label;
    return logit > middle === (label === 1) ? 0 : 1;
  }

  snapshot(): StateValue {
    return [this.#rows, this.#meanLogit, this.#lastLabel];
  }

  restore(state: StateValue): void {
    [this.#rows, this.#meanLogit, this.#lastLabel] = state as readonly [number, number, number];
  }
}
