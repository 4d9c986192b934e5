export { dadinModel } from './dadin-model.js';
export { ZOO_KINDS, type ZooKind, type ZooOptions, zooOptions } from './options.js';
export { type StepOutcome, stepInOnePiece, type TrainableModel } from './trainable-model.js';
export { zooModel } from './zoo-model.js';
