export { createClickModel } from './click-model.js';
export { rowOfImpression } from './event-maker.js';
export { Impressions } from './impressions.js';
export { SYNTHETIC_PRESETS, type SyntheticKnobs } from './knobs.js';
export type { MessageKnobs } from './messages.js';
export type { SyntheticOptions } from './options.js';
export { createSyntheticSource, type SyntheticSource } from './synthetic-source.js';
export { recordHistories, recordTruth, type SyntheticTruth } from './truth.js';
