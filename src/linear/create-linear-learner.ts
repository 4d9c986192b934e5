import { FtrlProximal, type FtrlProximalOptions } from './ftrl-proximal.js';
import type { LinearLearner } from './linear-learner.js';
import { NormalizedAdaptive, type NormalizedAdaptiveOptions } from './normalized-adaptive.js';

export type LinearLearnerOptions = NormalizedAdaptiveOptions | FtrlProximalOptions;

export function linearLearner(options: LinearLearnerOptions): LinearLearner {
  return options.kind === 'adaptive' ? new NormalizedAdaptive(options) : new FtrlProximal(options);
}
