import type { Stateful, StateValue } from '../core/index.js';
import { type LinearPartOptions, linearLearner } from './create-linear-learner.js';
import type { LinearRow } from './fill-features.js';
import { LinearInput } from './linear-input.js';
import type { LinearLearner } from './linear-learner.js';

/** A linear learner over impressions; `dense`: their statistics. */
export class LinearPart implements Stateful {
  readonly learner: LinearLearner;
  readonly #input: LinearInput;

  constructor(options: LinearPartOptions) {
    this.learner = linearLearner(options);
    this.#input = new LinearInput(options);
  }

  /** Logit of an impression as it was. */
  predict(row: LinearRow, dense: Float32Array): number {
    return this.learner.predict(this.#input.read(row, dense));
  }

  learn(row: LinearRow, dense: Float32Array, label: number, weight: number): void {
    this.learner.learn(this.#input.read(row, dense), label, weight);
  }

  snapshot(): StateValue {
    return this.learner.snapshot();
  }

  restore(state: StateValue): void {
    this.learner.restore(state);
  }
}
