import type { Sample, SampleBatch, TrainingRow } from '../src/core/index.js';

/** What the learner does next: score the impressions since the last turn, judge the labels that matured, take a step. */
export interface Turn {
  readonly number: number;
  /** Events folded so far. */
  readonly events: number;
  readonly score: readonly Sample[];
  readonly matured: readonly Sample[];
  readonly train: readonly TrainingRow[];
  readonly eventTimeMs: number;
}

/** A turn's batches, ready for the learner's thread. */
export interface TurnBatches {
  readonly score: SampleBatch | null;
  readonly train: SampleBatch | null;
}
