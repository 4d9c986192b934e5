export * from './embedding-table.js';
export * from './flat-adam.js';
export { ScoringRows } from './scoring-rows.js';
