export { type ClickModel, createClickModel } from './click-model.js';
export { type Drift, SYNTHETIC_PRESETS, type SyntheticKnobs, type SyntheticPreset } from './knobs.js';
export { DEFAULT_MESSAGES, type MessageKnobs } from './messages.js';
export { createSyntheticSource, type SyntheticSource, type SyntheticSourceOptions } from './synthetic-source.js';
export { recordHistories, recordTruth, type SyntheticHistories, type SyntheticTruth } from './truth.js';
