import type { LinearGroup } from '../core/index.js';
import type { LinearCross } from './fill-features.js';
import { FtrlProximal, type FtrlProximalOptions } from './ftrl-proximal.js';
import type { LinearLearner } from './linear-learner.js';
import { NormalizedAdaptive, type NormalizedAdaptiveOptions } from './normalized-adaptive.js';

export type LinearLearnerOptions = NormalizedAdaptiveOptions | FtrlProximalOptions;

/** A linear part: how it learns, what it reads (null: everything) and over which crosses (null: the standard ones). */
export type LinearPartOptions = LinearLearnerOptions & {
  readonly features: readonly LinearGroup[] | null;
  readonly crosses: readonly LinearCross[] | null;
};

export function linearLearner(options: LinearLearnerOptions): LinearLearner {
  return options.kind === 'adaptive' ? new NormalizedAdaptive(options) : new FtrlProximal(options);
}
