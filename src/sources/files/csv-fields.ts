import { isUtf8 } from 'node:buffer';
import { QUOTE, type RecordFramer } from './record-framer.js';

/** Strings longer than this would be slices that keep their whole block in memory as long as one of them lives. */
const LONGEST_COPIED_SLICE = 12;

/**
 * The fields of one CSV record (RFC 4180), found in one pass over its bytes; only fields asked for become text.
 * `csv-parse` is the oracle of its tests.
 */
export class CsvFields {
  count = 0;
  readonly #delimiter: number;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /** Finds the fields of the framer's current record. */
  scan({ bytes, start, end }: RecordFramer): void {
    const delimiter = this.#delimiter;
    let count = 0;
    let at = start;
    for (;;) {
      if (count === this.#starts.length) this.#grow();
      this.#starts[count] = at;
      if (bytes[at] === QUOTE && at < end) at = this.#closing(bytes, at + 1, end);
      while (at < end && bytes[at] !== delimiter) at++;
      this.#ends[count] = at;
      count++;
      if (at >= end) break;
      at++;
    }
    this.count = count;
  }

  /** The text of a field of the last scan; undefined when its bytes are not UTF-8. */
  text(field: number, { bytes, text }: RecordFramer): string | undefined {
    let start = this.#starts[field]!;
    let end = this.#ends[field]!;
    const quoted = end - start >= 2 && bytes[start] === QUOTE;
    if (quoted) {
      start++;
      end--;
    }
    let value: string;
    if (text !== null) {
      value = end - start <= LONGEST_COPIED_SLICE ? text.substring(start, end) : bytes.toString('latin1', start, end);
    } else {
      if (!isUtf8(bytes.subarray(start, end))) return undefined;
      value = bytes.toString('utf8', start, end);
    }
    return quoted && value.includes('"') ? value.replaceAll('""', '"') : value;
  }

  #closing(bytes: Buffer, from: number, end: number): number {
    let at = from;
    for (;;) {
      while (at < end && bytes[at] !== QUOTE) at++;
      if (at + 1 >= end || bytes[at + 1] !== QUOTE) return at;
      at += 2;
    }
  }

  #grow(): void {
    const starts = new Int32Array(this.#starts.length * 2);
    const ends = new Int32Array(this.#ends.length * 2);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}
