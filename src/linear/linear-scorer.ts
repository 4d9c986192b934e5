import type { ServingTable } from '../core/index.js';
import type { LinearLearnerOptions } from './create-linear-learner.js';
import type { LinearFeatures } from './linear-features.js';
import { MAX_LOGIT } from './normalized-adaptive.js';

/** The linear part of a model version: predicts as the learner does, learns nothing. */
export class LinearScorer {
  readonly #mask: number;
  readonly #maxLogit: number;
  readonly #weights: Float32Array;

  constructor({ kind, bits }: LinearLearnerOptions) {
    this.#mask = 2 ** bits - 1;
    this.#maxLogit = kind === 'adaptive' ? MAX_LOGIT : Number.POSITIVE_INFINITY;
    this.#weights = new Float32Array(2 ** bits);
  }

  /** The logit of a row. */
  predict({ indices, values, length }: LinearFeatures): number {
    let logit = 0;
    for (let i = 0; i < length; i++) logit += this.#weights[indices[i]! & this.#mask]! * values[i]!;
    return Math.min(this.#maxLogit, Math.max(-this.#maxLogit, logit));
  }

  /** Takes in a version's table `linear`; `whole`: what is not named is 0. */
  apply({ ids, columns }: ServingTable, whole: boolean): void {
    if (whole) this.#weights.fill(0);
    const { data } = columns[0]!;
    for (let i = 0; i < ids.length; i++) this.#weights[ids[i]! - 1] = data[i]!;
  }

  /** What `UnpublishedWeights.serving` gives whole. */
  table(): ServingTable {
    const ids: number[] = [];
    for (let slot = 0; slot < this.#weights.length; slot++) if (this.#weights[slot] !== 0) ids.push(slot + 1);
    const data = Float32Array.from(ids, (id) => this.#weights[id - 1]!);
    const columns = [{ name: 'weights', shape: [ids.length], data }];
    return { name: 'linear', ids: Float64Array.from(ids), columns, removed: new Float64Array(0) };
  }
}
