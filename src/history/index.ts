export { type HistoryOptions, UserHistories } from './user-histories.js';
