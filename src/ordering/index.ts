export { DuplicateFilter } from './duplicate-filter.js';
export { compareEvents, type PlacedEvent } from './event-order.js';
export { PositionLedger } from './position-ledger.js';
export { type RejectedRecord, ReorderBuffer, type ReorderOptions } from './reorder-buffer.js';
