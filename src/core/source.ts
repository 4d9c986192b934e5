import type { ClickEvent, Decoded } from './event.js';

/** A partition of a log: a file, or a topic's partition. Events of one partition keep their order. */
export interface SourcePartition {
  /** Stable name, part of the checkpoint's positions: a file name or `topic/0`. */
  readonly name: string;
  /** Total records where it is known in advance, for progress; null otherwise. */
  readonly expectedRecords: number | null;
  /** Where a run begins that has no position of its own here; 0 where it is left out. */
  readonly start?: bigint;
}

/**
 * Records of one partition, in its order: `records[i]` stands at position `first + i`. `first` may lie beyond the position
 * asked for: nothing stands between (a topic's compacted or aborted records, and its transaction markers).
 */
export interface EventChunk {
  /** Index into `EventSource.partitions`. */
  readonly partition: number;
  readonly first: bigint;
  readonly records: readonly Decoded<ClickEvent>[];
  /** True when nothing follows in this partition (a bounded source). */
  readonly last: boolean;
  /** W3C trace contexts (`traceparent` headers) of a few of the records, where the log carries them. */
  readonly producers?: readonly string[];
}

/**
 * Where events come from. Pull-based, hence credit-bounded: a partition is read only when asked, and the pipeline asks
 * for the partition that holds the watermark back. `read` resolves with a chunk of 1..maxRecords records, or an empty
 * one with `last: true` at the end of a bounded log, or an empty one that only moves past positions where nothing stands.
 * After `last` it is not called again for that partition.
 */
export interface EventSource {
  /** For messages and the journal. */
  readonly name: string;
  readonly partitions: readonly SourcePartition[];
  /** Prepares reading; `from[i]` is the next unread position of partition i. Called once, before `read`. */
  open(from: readonly bigint[]): Promise<void>;
  read(partition: number, maxRecords: number): Promise<EventChunk>;
  /** Position after the newest record that is known to stand in a log that goes on; null where none is known yet. */
  endOf?(partition: number): bigint | null;
  close(): Promise<void>;
}

/** What a source tells whose log may go on at any time, so that nobody waits for a silent partition. */
export interface LiveNews {
  /** Whether `read` would answer at once. */
  isReady(partition: number): boolean;
  /**
   * For how long the log's owner has been saying that nothing unread stands in the partition, ms of the wall clock; null
   * while something may stand there (it does, or nobody can tell).
   */
  emptyForMs(partition: number): number | null;
  /** Resolves when something more can be told of any partition, after `withinMs` at the latest. */
  changed(withinMs: number): Promise<void>;
}
