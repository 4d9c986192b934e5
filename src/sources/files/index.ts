export type { FileInputOptions } from './file-input-options.js';
export type { FileLogReport } from './file-partition.js';
export { createFileSource, type FileSource, type FileSourceOptions } from './file-source.js';
export { type FileSample, sampleRecords } from './sample-records.js';
