/** A record on its way to a topic; the same key and bytes again after a crash. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string | Buffer;
  /** null: a tombstone. */
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** What a record costs a batch besides its own bytes, at most. */
const RECORD_OVERHEAD_BYTES = 100;

/** Records that wait to be sent, first in, first out, and how much they weigh. */
export class OutgoingQueue {
  readonly #records: OutgoingRecord[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  push(record: OutgoingRecord): void {
    this.#records.push(record);
    this.#bytes += weigh(record);
  }

  /** The oldest records of `maxBytes` together, one at least; they stay queued until `drop`. */
  head(maxBytes: number): readonly OutgoingRecord[] {
    let count = 0;
    let bytes = 0;
    for (const record of this.#records) {
      bytes += weigh(record);
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    return this.#records.slice(0, count);
  }

  drop(count: number): void {
    for (const record of this.#records.splice(0, count)) this.#bytes -= weigh(record);
  }
}

/** In runs of `maxBytes` together: brokers limit the bytes of a batch, whatever the records in it. */
export function cutBySize(records: readonly OutgoingRecord[], maxBytes: number): OutgoingRecord[][] {
  const runs: OutgoingRecord[][] = [];
  let room = -1;
  for (const record of records) {
    const bytes = weigh(record);
    if (bytes > room) {
      runs.push([]);
      room = maxBytes;
    }
    runs.at(-1)!.push(record);
    room -= bytes;
  }
  return runs;
}

function weigh({ key, value, headers = {} }: OutgoingRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  for (const name of Object.keys(headers)) bytes += name.length + 2 + Buffer.byteLength(headers[name]!);
  return bytes;
}
