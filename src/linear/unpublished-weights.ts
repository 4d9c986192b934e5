import type { Serving, ServingPart, Stateful, StateValue } from '../core/index.js';
import type { LinearLearner } from './linear-learner.js';

/** The weights of a linear part as model versions hold them, and which differ from those published last. */
export class UnpublishedWeights implements Serving, Stateful {
  readonly #learner: LinearLearner;
  /** [2^bits] as published; null before. */
  #published: Float32Array | null = null;
  /** Changed before a restore, from which on `#published` can tell. */
  #changedBefore = new Uint32Array(0);

  constructor(learner: LinearLearner) {
    this.#learner = learner;
  }

  /** `linear`: slot + 1 -> `weights`. Whole it holds no zeros. */
  serving(whole: string | null): ServingPart {
    const wholeBecause = whole ?? (this.#published === null ? 'nothing was published before' : null);
    const weights = this.#learner.weights();
    const slots = wholeBecause === null ? this.#changed(weights) : nonZero(weights);
    const table = {
      name: 'linear',
      ids: Float64Array.from(slots, (slot) => slot + 1),
      columns: [{ name: 'weights', shape: [slots.length], data: Float32Array.from(slots, (slot) => weights[slot]!) }],
      removed: new Float64Array(0),
    };
    return { tensors: [], tables: [table], wholeBecause };
  }

  published(): void {
    this.#published = this.#learner.weights();
    this.#changedBefore = new Uint32Array(0);
  }

  snapshot(): StateValue {
    return this.#published === null ? null : this.#changed(this.#learner.weights());
  }

  /** After the learner was restored. */
  restore(state: StateValue): void {
    this.#published = state === null ? null : this.#learner.weights();
    this.#changedBefore = state === null ? new Uint32Array(0) : Uint32Array.from(state as Uint32Array);
  }

  /** Ascending slots. */
  #changed(weights: Float32Array): Uint32Array {
    const published = this.#published!;
    const slots = new Set(this.#changedBefore);
    for (let slot = 0; slot < weights.length; slot++) if (weights[slot] !== published[slot]) slots.add(slot);
    return Uint32Array.from(slots).sort();
  }
}

function nonZero(weights: Float32Array): Uint32Array {
  const slots: number[] = [];
  for (let slot = 0; slot < weights.length; slot++) if (weights[slot] !== 0) slots.push(slot);
  return Uint32Array.from(slots);
}
