export type { Config } from './config.js';
export { configDigest, learningDifferences } from './digest.js';
export { generatedFiles } from './generated.js';
export { loadConfig } from './load.js';
export { type ConfigOverrides, defaultConfig, jsonSchema, parseConfig } from './parse.js';
export { printConfig } from './print.js';
export { readSecret } from './secret.js';
