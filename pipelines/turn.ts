import type { Adaptation, Sample, SampleBatch, TrainingRow } from '../src/core/index.js';

/** Turns given to the learner but not yet settled: the next is prepared while one trains. */
export const TURNS_UNDER_WAY = 3;

/** What the learner does next: score the impressions since the last turn, judge the labels that matured, take a step. */
export interface Turn {
  readonly number: number;
  /** Events folded so far. */
  readonly events: number;
  readonly score: readonly Sample[];
  readonly matured: readonly Sample[];
  /** Judged before without a click, which has come since. */
  readonly restated: readonly Sample[];
  /** Rows judged without a click that may still be put right, by domain code. */
  readonly provisional: readonly [source: number, target: number];
  readonly train: readonly TrainingRow[];
  readonly eventTimeMs: number;
  /** What a drift alarm asks of the learner before this step; null, as nearly always. */
  readonly adaptation: Adaptation | null;
}

/** A turn's batches, ready for the learner's thread. */
export interface TurnBatches {
  readonly score: SampleBatch | null;
  readonly train: SampleBatch | null;
}
