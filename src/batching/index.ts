export { buildBatch, buildTrainingBatch } from './batch-builder.js';
export { Mixer, type MixerOptions } from './mixer.js';
export { overAllRows, targetOnly } from './target-only.js';
