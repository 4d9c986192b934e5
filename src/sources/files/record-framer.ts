import { isAscii } from 'node:buffer';
import { MAX_ORIGINAL_BYTES } from './row-mapper.js';

export const QUOTE = 34;
const LF = 10;
const CR = 13;
const NEED_MORE = -1;
const MALFORMED = -2;

export type Frame = 'record' | 'tooLarge' | 'malformed' | 'needMore' | 'end';

/**
 * Cuts bytes into records at newlines (LF or CRLF), in CSV only at those outside quoted fields, in memory bounded by the
 * longest record allowed. Why not a CSV library: it must go on after a record that is too long, badly quoted or cut off,
 * keep the original of bad ones and the count of records exact; the libraries measured either stop there, or misread
 * ragged rows without a word.
 */
export class RecordFramer {
  /** After `record`: its bytes are `bytes[start, end)`, without the newline. After `tooLarge`, `malformed`: the original. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** After `record`: it is the last of its file and no newline ended it. */
  unterminated = false;
  /** The block as text when it is ASCII, so that byte places are text places; else null. */
  text: string | null = null;
  readonly #delimiter: number;
  readonly #quoted: boolean;
  readonly #maxRecordBytes: number;
  #next = 0;
  #nextQuote = -1;
  #first = true;
  #final = false;
  #missingNewline = false;
  #skipping = false;

  /** @param delimiter the CSV delimiter's byte; null for lines without quoting */
  constructor(delimiter: number | null, maxRecordBytes: number) {
    this.#delimiter = delimiter ?? -1;
    this.#quoted = delimiter !== null;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Gives the next bytes after `needMore`; null at the end of the file. */
  push(chunk: Buffer | null): void {
    if (this.#next > 0) this.#first = false;
    const rest = this.bytes.subarray(this.#next);
    if (chunk === null) {
      this.#final = true;
      this.#missingNewline = rest.length > 0 && rest[rest.length - 1] !== LF;
      chunk = this.#missingNewline ? Buffer.of(LF) : Buffer.alloc(0);
    }
    this.bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#next = 0;
    if (this.#first && this.bytes.length >= 3) {
      this.#first = false;
      if (this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) this.#next = 3;
    }
    this.#nextQuote = this.#quoted ? this.#quoteFrom(this.#next) : this.bytes.length;
    this.text = isAscii(this.bytes) ? this.bytes.toString('latin1') : null;
  }

  next(): Frame {
    for (;;) {
      const from = this.#next;
      if (this.#skipping) {
        const newline = this.bytes.indexOf(LF, from);
        this.#next = newline < 0 ? this.bytes.length : newline + 1;
        if (newline < 0) return this.#final ? 'end' : 'needMore';
        this.#skipping = false;
        continue;
      }
      if (from >= this.bytes.length) return this.#final ? 'end' : 'needMore';
      let newline = this.bytes.indexOf(LF, from);
      if (newline >= 0 && this.#quoted) {
        if (this.#nextQuote < from) this.#nextQuote = this.#quoteFrom(from);
        if (this.#nextQuote < newline) newline = this.#endOfQuoted(from);
      }
      if (newline === NEED_MORE) {
        // One more, for the CR of a newline that is not whole yet.
        if (this.bytes.length - from > this.#maxRecordBytes + 1) return this.#overlong(from);
        if (!this.#final) return 'needMore';
        // Only a quoted field that never closes gets here: its first line is bad, the next ones may be records.
        newline = MALFORMED;
      }
      if (newline === MALFORMED) return this.#firstLine(from, 'malformed');
      this.#next = newline + 1;
      this.start = from;
      this.end = newline > from && this.bytes[newline - 1] === CR ? newline - 1 : newline;
      if (this.end - from > this.#maxRecordBytes) return this.#firstLine(from, 'tooLarge');
      this.unterminated = this.#missingNewline && this.#next === this.bytes.length;
      if (!this.#blank()) return 'record';
      this.unterminated = false;
    }
  }

  /** The current frame's bytes as a copy for a dead letter. */
  original(): Uint8Array {
    return new Uint8Array(this.bytes.subarray(this.start, Math.min(this.end, this.start + MAX_ORIGINAL_BYTES)));
  }

  /** A record that outgrew the limit: a long line is passed over; a quote that never closes costs its first line only. */
  #overlong(from: number): Frame {
    if (this.bytes.indexOf(LF, from) >= 0) return this.#firstLine(from, 'malformed');
    this.start = from;
    this.end = this.bytes.length;
    this.#next = this.bytes.length;
    this.#skipping = true;
    return 'tooLarge';
  }

  #firstLine(from: number, frame: 'malformed' | 'tooLarge'): Frame {
    const newline = this.bytes.indexOf(LF, from);
    this.start = from;
    this.end = newline;
    this.#next = newline + 1;
    this.unterminated = this.#missingNewline && this.#next === this.bytes.length;
    return frame;
  }

  #blank(): boolean {
    for (let i = this.start; i < this.end; i++) {
      const byte = this.bytes[i];
      if (byte !== 32 && byte !== CR) return false;
    }
    return true;
  }

  #quoteFrom(from: number): number {
    const quote = this.bytes.indexOf(QUOTE, from);
    return quote < 0 ? this.bytes.length : quote;
  }

  /** Place of the newline that ends the record which starts at `from` and holds a quote. */
  #endOfQuoted(from: number): number {
    const { bytes } = this;
    const delimiter = this.#delimiter;
    let at = from;
    for (;;) {
      if (bytes[at] !== QUOTE) {
        // A quote inside an unquoted field is an ordinary character, so only field starts matter.
        while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
        if (at >= bytes.length) return NEED_MORE;
        if (bytes[at] === LF) return at;
        at++;
        continue;
      }
      at++;
      for (;;) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote < 0 || quote + 1 >= bytes.length) return NEED_MORE;
        at = quote + 1;
        if (bytes[at] !== QUOTE) break;
        at++;
      }
      if (bytes[at] === delimiter) at++;
      else if (bytes[at] === LF) return at;
      else if (bytes[at] !== CR) return MALFORMED;
      else if (at + 1 >= bytes.length) return NEED_MORE;
      else if (bytes[at + 1] === LF) return at + 1;
      else return MALFORMED;
    }
  }
}
