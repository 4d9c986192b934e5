import type { EventChunk, EventSource } from '../src/core/index.js';

type Record = EventChunk['records'][number];

/** Reads a source without some of its records: they are passed over as if nothing stood there. */
export class LeavingOut {
  readonly #source: EventSource;
  readonly #isLeftOut: (record: Record) => boolean;
  /** What was read of a partition and not yet given on. */
  readonly #rest: (EventChunk | null)[];

  constructor(source: EventSource, isLeftOut: (record: Record) => boolean) {
    this.#source = source;
    this.#isLeftOut = isLeftOut;
    this.#rest = source.partitions.map(() => null);
  }

  hasRest(partition: number): boolean {
    return this.#rest[partition] !== null;
  }

  async read(partition: number, maxRecords: number): Promise<EventChunk> {
    const chunk = this.#rest[partition] ?? (await this.#source.read(partition, maxRecords));
    const { records, first, last } = chunk;
    if (records.length === 0) {
      this.#rest[partition] = null;
      return chunk;
    }
    const leftOut = this.#isLeftOut(records[0]!);
    let n = 1;
    while (n < records.length && n < maxRecords && this.#isLeftOut(records[n]!) === leftOut) n++;
    const next = first + BigInt(n);
    const isAll = n === records.length;
    this.#rest[partition] = isAll ? null : { partition, first: next, records: records.slice(n), last };
    return leftOut
      ? { partition, first: next, records: [], last: isAll && last }
      : { partition, first, records: records.slice(0, n), last: isAll && last };
  }
}
