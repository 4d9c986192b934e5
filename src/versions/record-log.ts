export interface LogRecord {
  /** Empty where it has none. */
  readonly key: string;
  /** null: a tombstone, with which compaction removes the key. */
  readonly value: Uint8Array | null;
}

/** An append-only log of keyed records that may be compacted: a topic of one partition. */
export interface RecordLog {
  readonly name: string;
  /** Stored when it resolves, in a request of its own: brokers limit the bytes of a batch. */
  append(record: LogRecord): Promise<void>;
  /** What came since the last call, oldest first; the first call reads up to the end that there is now. */
  read(): Promise<readonly LogRecord[]>;
  /** The next `read` starts at the oldest record kept. */
  rewind(): void;
  close(): Promise<void>;
}
