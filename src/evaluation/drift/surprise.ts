import type { Stateful, StateValue } from '../../core/index.js';
import { bernoulliEntropy } from '../log-loss.js';

const MIN_PER_CLASS = 20;
/** Multiples of the entropy of the click rate beyond which a row counts no more. */
const CLIP = 5;
/** Rows that the usual logit looks back on. */
const MEMORY_ROWS = 1000;

/**
 * The signal for concept drift (algorithm D.6a, with less noise): a row's cross entropy beyond what its own prediction
 * expects, (p - y) logit, less (p - y) times the usual logit, which is 0 in the mean and takes away what it says merely that
 * there was a click. Over the entropy of the click rate so far, clipped at 5 either way and mapped to [0, 1]: one half while
 * predictions are right on the average and no bolder than they may be, more when they contradict the clicks.
 *
 * Not the 0/1 error, which at a click rate of 1 % is the click rate; not p - y, whose mean survives a change of sign; not the
 * cross entropy itself, whose spread between clicks and other rows hides a concept gone for thousands of rows
 * (docs/experiments.md).
 */
export class Surprise implements Stateful {
  #rows = 0;
  #clicks = 0;
  #usualLogit = 0;

  /** Null until 20 rows of each class have made the rate known. */
  next(logit: number, label: 0 | 1): number | null {
    this.#rows++;
    this.#clicks += label;
    this.#usualLogit += (logit - this.#usualLogit) / Math.min(this.#rows, MEMORY_ROWS);
    if (this.#clicks < MIN_PER_CLASS || this.#rows - this.#clicks < MIN_PER_CLASS) return null;
    const residual = 1 / (1 + Math.exp(-logit)) - label;
    const ratio = (residual * (logit - this.#usualLogit)) / bernoulliEntropy(this.#clicks / this.#rows);
    return 0.5 + Math.min(CLIP, Math.max(-CLIP, ratio)) / (2 * CLIP);
  }

  snapshot(): StateValue {
    return [this.#rows, this.#clicks, this.#usualLogit];
  }

  restore(state: StateValue): void {
    [this.#rows, this.#clicks, this.#usualLogit] = state as readonly [number, number, number];
  }
}
