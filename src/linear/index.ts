export { fillLinearFeatures, type LinearRow } from './fill-features.js';
export { LinearFeatures } from './linear-features.js';
export { type LinearLearner, type LinearLearnerOptions, linearLearner } from './linear-learner.js';
