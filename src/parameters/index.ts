export * from './embedding-table.js';
export * from './flat-adam.js';
export type { Rewindable } from './rewindable.js';
export { ScoringRows } from './scoring-rows.js';
