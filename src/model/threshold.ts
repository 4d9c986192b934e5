import type { Stateful, StateValue } from '../core/index.js';
import { sigmoid } from './cross-entropy.js';
import type { ThresholdOptions } from './model-options.js';

const DECAY = 0.99;

/** T, which separates predicted classes (algorithm A.5, number 18); follows the label rate in mode `prior`. */
export class ClassThreshold implements Stateful {
  readonly #options: ThresholdOptions;
  /** Fading counts: their ratio is the running label rate for batches of any size. */
  #positives = 0;
  #rows = 0;

  constructor(options: ThresholdOptions) {
    this.#options = options;
  }

  /** Label rate with half a row of each class added, so that it is never 0 or 1. */
  get labelRate(): number {
    return (this.#positives + 0.5) / (this.#rows + 1);
  }

  /** T for a batch with these logits [B]. */
  of(logit: Float64Array): number {
    const { mode, value } = this.#options;
    if (mode === 'fixed') return value;
    if (mode === 'prior') return this.labelRate;
    const sorted = logit.slice().sort();
    return sigmoid(sorted[Math.min(sorted.length - 1, Math.floor(value * sorted.length))] ?? 0);
  }

  /** Labels of a step and their weights: T stands in the space of the predictions, which learn weighted rows. */
  observe(label: ArrayLike<number>, weight: ArrayLike<number>): void {
    let positives = 0;
    let rows = 0;
    for (let i = 0; i < label.length; i++) {
      positives += weight[i]! * label[i]!;
      rows += weight[i]!;
    }
    this.#positives = DECAY * this.#positives + positives;
    this.#rows = DECAY * this.#rows + rows;
  }

  snapshot(): StateValue {
    return { positives: this.#positives, rows: this.#rows };
  }

  restore(state: StateValue): void {
    const { positives, rows } = state as { positives: number; rows: number };
    this.#positives = positives;
    this.#rows = rows;
  }
}
