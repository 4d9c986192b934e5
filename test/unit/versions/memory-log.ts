import type { LogRecord, RecordLog } from '../../../src/versions/index.js';

/** A topic in memory; several readers of one `records` read apart. `compact` keeps the newest record of each key. */
export class MemoryLog implements RecordLog {
  readonly name = 'memory';
  records: LogRecord[];
  #next = 0;

  constructor(records: LogRecord[] = []) {
    this.records = records;
  }

  /** Another reader and writer of the same records. */
  again(): MemoryLog {
    return new MemoryLog(this.records);
  }

  async append(record: LogRecord): Promise<void> {
    if ((record.value?.length ?? 0) > 1_000_000) throw new Error('the broker refuses a record of this size');
    this.records.push({ key: record.key, value: record.value === null ? null : Uint8Array.from(record.value) });
  }

  async read(): Promise<readonly LogRecord[]> {
    const records = this.records.slice(this.#next);
    this.#next = this.records.length;
    return records;
  }

  rewind(): void {
    this.#next = 0;
  }

  async close(): Promise<void> {}

  /** As a compacted topic looks to a reader that comes later. */
  compacted(): MemoryLog {
    const last = new Map(this.records.map(({ key }, i) => [key, i]));
    return new MemoryLog(this.records.filter(({ key, value }, i) => last.get(key) === i && value !== null));
  }
}
