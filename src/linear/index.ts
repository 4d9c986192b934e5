export { type LinearLearnerOptions, type LinearPartOptions, linearLearner } from './create-linear-learner.js';
export {
  compileCrosses,
  compileGroups,
  fillLinearFeatures,
  type LinearRow,
  STANDARD_CROSSES,
} from './fill-features.js';
export { LinearFeatures } from './linear-features.js';
export { LinearInput } from './linear-input.js';
export type { LinearLearner } from './linear-learner.js';
export { LinearPart } from './linear-part.js';
export { LinearScorer } from './linear-scorer.js';
export { ProbabilityHead } from './probability-head.js';
export { UnpublishedWeights } from './unpublished-weights.js';
