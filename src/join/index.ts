export { LabelJoin, type LabelJoinOptions } from './label-join.js';
