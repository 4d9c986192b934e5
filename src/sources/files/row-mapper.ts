import type { BadRecordCode } from '../../core/index.js';

/** A record as it came, for dead letters: asked only when it turns out bad. */
export interface RawRecord {
  /** At most 64 KiB; null where the format has no bytes of its own for a record. */
  original(): Uint8Array | null;
}

/** What a reader makes of a record: the event, or only its time when the order of a log is looked at first. */
export interface RowMapper<T> {
  /** The columns a reader extracts: `values[i]` is the value of `columns[i]`. */
  readonly columns: readonly string[];
  /** Columns that must exist; a subset of `columns`. */
  readonly required: readonly string[];
  /** `values` holds text, or what JSON, Avro and Parquet hold; undefined where the record has none. It is reused. */
  map(values: readonly unknown[], row: number, raw: RawRecord): T;
  bad(code: BadRecordCode, reason: string, original: Uint8Array | null): T;
}

/** Records of one file, in its order. */
export interface RecordReader<T> {
  /** Known where the file says it. */
  readonly expectedRecords: number | null;
  /** Appends up to `max` records, the first being row `row` of its log; false when the file has no more. */
  read(max: number, row: number, out: T[]): Promise<boolean>;
  /** Passes over up to `count` records without decoding them; resolves with how many there were. */
  skip(count: number): Promise<number>;
  close(): Promise<void>;
}

/** Longest original kept of a bad record. */
export const MAX_ORIGINAL_BYTES = 65_536;
