export { AppendedFile } from './appended-file.js';
export { type DeadLetter, DeadLetterFile } from './dead-letter-file.js';
export { PredictionsFile } from './predictions-file.js';
