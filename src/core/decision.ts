/**
 * A decision that came from outside the log, with its canonical place: the fold of the same log and the same decisions has
 * the same bits, so a restart and a replay read them from the journal and never ask the clock again.
 *
 * `watermark`: before the record at `position`, `partition` stood at event time `timeMs` though no event had told so: it
 * was silent and no longer holds the others back. What it brings later and older than that is late.
 */
interface WatermarkDecision {
  readonly kind: 'watermark';
  readonly partition: string;
  readonly position: bigint;
  readonly timeMs: number;
}

/** What the journal can hold; control decisions become further kinds. */
export type Decision = WatermarkDecision;
