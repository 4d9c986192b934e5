import type { ClickEvent, Decoded } from '../../core/index.js';

/** Consecutive records; with none it only says that nothing stands before `first`. */
interface Run {
  first: bigint;
  records: Decoded<ClickEvent>[];
  /** Records already given out. */
  taken: number;
}

export interface Taken {
  readonly first: bigint;
  readonly records: readonly Decoded<ClickEvent>[];
}

/** Decoded records of one partition between fetching and reading, and where both stand. */
export class PartitionQueue {
  #runs: Run[] = [];
  #position: bigint;
  #fetchOffset: bigint;
  #records = 0;
  #bytes = 0;

  constructor(position: bigint) {
    this.#position = position;
    this.#fetchOffset = position;
  }

  /** Next position to read. */
  get position(): bigint {
    return this.#position;
  }

  /** Next position to ask the broker for. */
  get fetchOffset(): bigint {
    return this.#fetchOffset;
  }

  /** Bytes of the queued records as they came, by their mean size. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  put(offset: bigint, record: Decoded<ClickEvent>, bytes: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && offset === this.#fetchOffset) last.records.push(record);
    else this.#runs.push({ first: offset, records: [record], taken: 0 });
    this.#fetchOffset = offset + 1n;
    this.#records++;
    this.#bytes += bytes;
  }

  /** Nothing more stands before `offset`. */
  skipTo(offset: bigint): void {
    if (offset <= this.#fetchOffset) return;
    this.#fetchOffset = offset;
    this.#runs.push({ first: offset, records: [], taken: 0 });
  }

  /** Takes up to `maxRecords` from the front; none where positions without a record come first. */
  take(maxRecords: number): Taken {
    const run = this.#runs[0];
    if (run === undefined) return { first: this.#position, records: [] };
    const first = run.first + BigInt(run.taken);
    if (first > this.#position) {
      this.#position = first;
      if (run.records.length === 0) this.#runs.shift();
      return { first, records: [] };
    }
    const records = run.records.slice(run.taken, run.taken + maxRecords);
    run.taken += records.length;
    this.#position = first + BigInt(records.length);
    const share = this.#records === 0 ? 0 : (this.#bytes * records.length) / this.#records;
    this.#bytes -= share;
    this.#records -= records.length;
    if (run.taken === run.records.length) this.#runs.shift();
    return { first, records };
  }
}
