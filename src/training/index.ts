export type { EngineOptions } from './engine-options.js';
export { startLearner, type ThreadedLearner } from './learner-thread.js';
