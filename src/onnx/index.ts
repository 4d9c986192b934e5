export { exportScorer } from './export-scorer.js';
