import type { ClickEvent, Decoded } from './event.js';

/** A partition of a log: a file, or a topic's partition. Events of one partition keep their order. */
export interface SourcePartition {
  /** Stable name, part of the checkpoint's positions: a file name or `topic/0`. */
  readonly name: string;
  /** Total records where it is known in advance, for progress; null otherwise. */
  readonly expectedRecords: number | null;
}

/** Records of one partition, in its order: `records[i]` stands at position `first + i`. */
export interface EventChunk {
  /** Index into `EventSource.partitions`. */
  readonly partition: number;
  readonly first: bigint;
  readonly records: readonly Decoded<ClickEvent>[];
  /** True when nothing follows in this partition (a bounded source). */
  readonly last: boolean;
}

/**
 * Where events come from. Pull-based, hence credit-bounded: a partition is read only when asked, and the pipeline asks
 * for the partition that holds the watermark back. `read` resolves with a chunk of 1..maxRecords records, or an empty
 * one with `last: true` at the end of a bounded log. After `last` it is not called again for that partition.
 */
export interface EventSource {
  /** For messages and the journal. */
  readonly name: string;
  readonly partitions: readonly SourcePartition[];
  /** Prepares reading; `from[i]` is the next unread position of partition i. Called once, before `read`. */
  open(from: readonly bigint[]): Promise<void>;
  read(partition: number, maxRecords: number): Promise<EventChunk>;
  close(): Promise<void>;
}
