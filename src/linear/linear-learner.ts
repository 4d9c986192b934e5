import type { Stateful } from '../core/index.js';
import { FtrlProximal, type FtrlProximalOptions } from './ftrl-proximal.js';
import type { LinearFeatures } from './linear-features.js';
import { NormalizedAdaptive, type NormalizedAdaptiveOptions } from './normalized-adaptive.js';

/** Logistic regression over hashed sparse features that learns at every event. */
export interface LinearLearner extends Stateful {
  /** The logit of a row; changes nothing. */
  predict(features: LinearFeatures): number;
  /**
   * One update with the row's label (0 or 1) and instance weight. Returns the logit before it, so that a row whose label
   * comes with it needs no `predict`.
   */
  learn(features: LinearFeatures, label: number, weight: number): number;
}

export type LinearLearnerOptions = NormalizedAdaptiveOptions | FtrlProximalOptions;

export function linearLearner(options: LinearLearnerOptions): LinearLearner {
  return options.kind === 'adaptive' ? new NormalizedAdaptive(options) : new FtrlProximal(options);
}
