export { AppendedFile } from './appended-file.js';
export { DeadLetterFile } from './dead-letter-file.js';
export { MetricsFile } from './metrics-file.js';
export { PredictionsFile } from './predictions-file.js';
