import type { Stateful } from '../core/index.js';
import type { LinearFeatures } from './linear-features.js';

/** Logistic regression over hashed sparse features that learns at every event. */
export interface LinearLearner extends Stateful {
  /** The logit of a row; changes nothing. */
  predict(features: LinearFeatures): number;
  /**
   * One update with the row's label (0 or 1) and instance weight. Returns the logit before it, so that a row whose label
   * comes with it needs no `predict`.
   */
  learn(features: LinearFeatures, label: number, weight: number): number;
  /** [2^bits] A copy of the weights that `predict` reads, by index. */
  weights(): Float32Array;
}
