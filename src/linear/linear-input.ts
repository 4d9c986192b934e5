import type { LinearPartOptions } from './create-linear-learner.js';
import {
  type CompiledCrosses,
  compileCrosses,
  compileGroups,
  fillLinearFeatures,
  type LinearRow,
} from './fill-features.js';
import { LinearFeatures } from './linear-features.js';

/** What a linear part reads of an impression, as its options have it. */
export class LinearInput {
  readonly #features = new LinearFeatures();
  readonly #crosses: CompiledCrosses;
  readonly #groups: number;

  constructor({ crosses, features }: Pick<LinearPartOptions, 'crosses' | 'features'>) {
    this.#crosses = compileCrosses(crosses);
    this.#groups = compileGroups(features);
  }

  /** `dense`: the impression's statistics. The result holds until the next call. */
  read(row: LinearRow, dense: Float32Array): LinearFeatures {
    fillLinearFeatures(this.#features, row, dense, this.#crosses, this.#groups);
    return this.#features;
  }
}
