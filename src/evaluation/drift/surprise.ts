import type { Stateful, StateValue } from '../../core/index.js';
import { bernoulliEntropy, crossEntropy } from '../log-loss.js';

const MIN_PER_CLASS = 20;
const CLIP = 10;

/**
 * The signal for concept drift (algorithm D.6a): a row's cross entropy over the entropy of the click rate so far, clipped
 * at 10 and scaled to [0, 1]. Not the 0/1 error, which at a click rate of 1 % is the click rate; not p - y, whose mean
 * survives a change of sign.
 */
export class Surprise implements Stateful {
  #rows = 0;
  #clicks = 0;

  /** Null until 20 rows of each class have made the rate known. */
  next(logit: number, label: 0 | 1): number | null {
    this.#rows++;
    this.#clicks += label;
    if (this.#clicks < MIN_PER_CLASS || this.#rows - this.#clicks < MIN_PER_CLASS) return null;
    const ratio = crossEntropy(logit, label) / bernoulliEntropy(this.#clicks / this.#rows);
    return Math.min(ratio, CLIP) / CLIP;
  }

  snapshot(): StateValue {
    return [this.#rows, this.#clicks];
  }

  restore(state: StateValue): void {
    [this.#rows, this.#clicks] = state as readonly [number, number];
  }
}
