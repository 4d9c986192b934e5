export { type LinearLearnerOptions, linearLearner } from './create-linear-learner.js';
export { fillLinearFeatures, type LinearRow } from './fill-features.js';
export { LinearFeatures } from './linear-features.js';
export type { LinearLearner } from './linear-learner.js';
export { LinearScorer } from './linear-scorer.js';
export { ProbabilityHead } from './probability-head.js';
export { UnpublishedWeights } from './unpublished-weights.js';
