export { elapsedTimeWeights, fakeNegativeWeights, type LabelWeights, realNegativeWeights } from './delayed-labels.js';
export { LabelJoin, type LabelJoinOptions } from './label-join.js';
export { LabelLooks } from './label-looks.js';
export { type LabelMode, looksEarly, servedLogit, type TrainedSpace } from './label-mode.js';
export { isKeptNegative } from './negative-sampling.js';
