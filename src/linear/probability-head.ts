import type { Sample, Stateful, StateValue } from '../core/index.js';
import { fillLinearFeatures, STANDARD_CROSSES } from './fill-features.js';
import { LinearFeatures } from './linear-features.js';
import { NormalizedAdaptive } from './normalized-adaptive.js';

/** 4 MiB; a head knows less than the linear part and needs less room. */
const BITS = 18;

/** The probability of some outcome of an impression, learned beside the model: P(outcome | what is known of it). */
export class ProbabilityHead implements Stateful {
  readonly #learner = new NormalizedAdaptive({ kind: 'adaptive', bits: BITS, learningRate: 0.5, priorSquares: 1 });
  readonly #features = new LinearFeatures();

  /** In (0, 1). */
  of(sample: Sample): number {
    return 1 / (1 + Math.exp(-this.logit(sample)));
  }

  logit(sample: Sample): number {
    fillLinearFeatures(this.#features, sample, sample.dense, STANDARD_CROSSES);
    return this.#learner.predict(this.#features);
  }

  /** `outcome`: 0 or 1. */
  learn(sample: Sample, outcome: number, weight: number): void {
    fillLinearFeatures(this.#features, sample, sample.dense, STANDARD_CROSSES);
    this.#learner.learn(this.#features, outcome, weight);
  }

  snapshot(): StateValue {
    return this.#learner.snapshot();
  }

  restore(state: StateValue): void {
    this.#learner.restore(state);
  }
}
