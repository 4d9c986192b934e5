export * from './click-statistics.js';
