import type { EventDecoder } from '../../codec/index.js';
import type { ClickEvent, Decoded } from '../../core/index.js';
import type { FetchedRecord } from './cluster.js';

/** Header in which a message may tell its domain. */
const DOMAIN_HEADER = 'domain';

/** A record's event. What is kept of it is copied: a view would keep the whole answer of the broker in memory. */
export function decodeRecord({ value, headers }: FetchedRecord, decode: EventDecoder): Decoded<ClickEvent> {
  if (value === null) {
    return { ok: false, bad: { code: 'DADIN_RECORD_MALFORMED', reason: 'the record has no value', original: null } };
  }
  const header = headers[DOMAIN_HEADER];
  const decoded = decode(value, header === undefined ? null : String(header));
  if (decoded.ok || decoded.bad.original === null) return decoded;
  return { ok: false, bad: { ...decoded.bad, original: Uint8Array.from(decoded.bad.original) } };
}
