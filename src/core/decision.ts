import type { ControlRequest } from './control.js';

/**
 * A decision that came from outside the log, with its canonical place: the fold of the same log and the same decisions has
 * the same bits, so a restart and a replay read them from the journal and never ask the clock again.
 *
 * `watermark`: before the record at `position`, `partition` stood at event time `timeMs` though no event had told so: it
 * was silent and no longer holds the others back. What it brings later and older than that is late.
 */
export interface WatermarkDecision {
  readonly kind: 'watermark';
  readonly partition: string;
  readonly position: bigint;
  readonly timeMs: number;
}

/** A command of an operator, carried out when `events` events had been folded and before the next one was. */
export interface ControlDecision {
  readonly kind: 'control';
  readonly events: number;
  readonly request: ControlRequest;
  /** Where a rollback puts the learner; null where it stays as it is. */
  readonly reset: ResetPoint | null;
}

/** A checkpoint set aside for as long as the journal names it: a folder's name and the digest in its manifest. */
export interface ResetPoint {
  readonly checkpoint: string;
  readonly digest: string;
}

/** What the journal can hold. */
export type Decision = WatermarkDecision | ControlDecision;
