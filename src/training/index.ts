export type { EngineOptions } from './engine-options.js';
export { startLearner } from './learner-thread.js';
