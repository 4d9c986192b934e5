export * from './embedding-table.js';
export * from './flat-adam.js';
