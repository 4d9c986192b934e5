import { readAvroEvent, writeAvroEvent } from '../../codec/index.js';
import type { BadRecord, ClickEvent, Decoded } from '../../core/index.js';

/** How decoded records stand in the sorter's memory and temporary files: one byte of kind, then the body. */
const BAD = 0;
const EVENT = 1;

interface StoredBadRecord {
  readonly code: BadRecord['code'];
  readonly reason: string;
  /** base64 */
  readonly original: string | null;
}

/** Writes a record at `at`; returns its end, or a negative number when `buffer` is that many bytes too short. */
export function writeRecord(record: Decoded<ClickEvent>, buffer: Buffer, at: number): number {
  if (at >= buffer.length) return -1;
  buffer[at] = record.ok ? EVENT : BAD;
  if (record.ok) return writeAvroEvent(record.value, buffer, at + 1);
  const { code, reason, original } = record.bad;
  const stored: StoredBadRecord = {
    code,
    reason,
    original: original === null ? null : Buffer.from(original).toString('base64'),
  };
  const body = Buffer.from(JSON.stringify(stored));
  const end = at + 1 + body.length;
  if (end > buffer.length) return buffer.length - end;
  body.copy(buffer, at + 1);
  return end;
}

/** The record that stands in [at, end) of `bytes`, which may be reused afterwards. */
export function readRecord(bytes: Buffer, at: number, end: number): Decoded<ClickEvent> {
  if (bytes[at] === EVENT) return { ok: true, value: readAvroEvent(bytes, at + 1) };
  const { code, reason, original } = JSON.parse(bytes.toString('utf8', at + 1, end)) as StoredBadRecord;
  return {
    ok: false,
    bad: { code, reason, original: original === null ? null : new Uint8Array(Buffer.from(original, 'base64')) },
  };
}
