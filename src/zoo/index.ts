export { ZOO_KINDS, type ZooKind } from '../core/index.js';
export { dadinModel } from './dadin-model.js';
export { type ZooOptions, zooOptions } from './options.js';
export { type StepOutcome, stepInOnePiece, type TrainableModel } from './trainable-model.js';
export { zooModel } from './zoo-model.js';
