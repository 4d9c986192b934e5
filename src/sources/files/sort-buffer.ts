import type { ClickEvent, Decoded } from '../../core/index.js';
import { readRecord, writeRecord } from './stored-record.js';

/** A stored record: length of its body (4 bytes), sort key (time, row: 8 bytes each), body. */
export const ENTRY_HEADER_BYTES = 20;

const MIN_SLAB_BYTES = 4096;
const MAX_SLAB_BYTES = 4_194_304;
/** Key, address and order of an entry outside the slabs. */
const INDEX_BYTES = 40;

/**
 * Records kept as bytes in slabs until they are sorted, so that their memory is known: objects would take several times
 * as much, by an amount nobody can tell.
 */
export class SortBuffer {
  readonly #maxBytes: number;
  readonly #slabBytes: number;
  #slabs: Buffer[] = [];
  /** First byte that is free in the last slab. */
  #free = 0;
  #bytes = 0;
  #times: number[] = [];
  #rows: number[] = [];
  #slabOf: number[] = [];
  #offsets: number[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#slabBytes = Math.max(MIN_SLAB_BYTES, Math.min(MAX_SLAB_BYTES, maxBytes >> 3));
  }

  get size(): number {
    return this.#times.length;
  }

  /** False when it is full and the record was not taken; an empty buffer takes any record. */
  add(record: Decoded<ClickEvent>, time: number, row: number): boolean {
    let slab = this.#slabs.at(-1);
    let end = slab === undefined ? -1 : writeRecord(record, slab, this.#free + ENTRY_HEADER_BYTES);
    if (slab === undefined || end < 0) {
      if (this.size > 0 && this.#bytes + this.#slabBytes > this.#maxBytes) return false;
      slab = this.#addSlab(this.#slabBytes);
      end = writeRecord(record, slab, ENTRY_HEADER_BYTES);
      if (end < 0) {
        this.#dropSlab();
        slab = this.#addSlab(this.#slabBytes - end);
        end = writeRecord(record, slab, ENTRY_HEADER_BYTES);
      }
    }
    slab.writeUInt32LE(end - this.#free - ENTRY_HEADER_BYTES, this.#free);
    slab.writeDoubleLE(time, this.#free + 4);
    slab.writeDoubleLE(row, this.#free + 12);
    this.#times.push(time);
    this.#rows.push(row);
    this.#slabOf.push(this.#slabs.length - 1);
    this.#offsets.push(this.#free);
    this.#free = end;
    this.#bytes += INDEX_BYTES;
    return true;
  }

  /** Numbers of the entries by (time, row). */
  order(): number[] {
    const times = this.#times;
    const rows = this.#rows;
    return Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || rows[a]! - rows[b]!);
  }

  /** An entry's bytes with its header; valid until `clear`. */
  entry(number: number): Buffer {
    const slab = this.#slabs[this.#slabOf[number]!]!;
    const offset = this.#offsets[number]!;
    return slab.subarray(offset, offset + ENTRY_HEADER_BYTES + slab.readUInt32LE(offset));
  }

  record(number: number): Decoded<ClickEvent> {
    const slab = this.#slabs[this.#slabOf[number]!]!;
    const start = this.#offsets[number]! + ENTRY_HEADER_BYTES;
    return readRecord(slab, start, start + slab.readUInt32LE(start - ENTRY_HEADER_BYTES));
  }

  clear(): void {
    this.#slabs = [];
    this.#free = 0;
    this.#bytes = 0;
    this.#times = [];
    this.#rows = [];
    this.#slabOf = [];
    this.#offsets = [];
  }

  #addSlab(bytes: number): Buffer {
    const slab = Buffer.allocUnsafeSlow(bytes);
    this.#slabs.push(slab);
    this.#free = 0;
    this.#bytes += bytes;
    return slab;
  }

  #dropSlab(): void {
    this.#bytes -= this.#slabs.pop()!.length;
  }
}
