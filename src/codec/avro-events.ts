import type { ClickEvent, Domain } from '../core/index.js';
import { AvroViolation, compileAvroGuard } from './avro-guard.js';
import { CLICK_EVENT_TYPE, type WireEvent } from './click-event-schema.js';
import {
  badRecord,
  type EventDecoder,
  type EventDecoderOptions,
  MAX_ARRAY_ITEMS,
  MAX_STRING_BYTES,
  plainEvent,
  toClickEvent,
  toWire,
} from './event-decoding.js';

/** One click event in Avro binary (schemas/click-event.avsc), without framing. */
export function encodeAvroEvent(event: ClickEvent): Buffer {
  return CLICK_EVENT_TYPE.toBuffer(toWire(event));
}

/**
 * Writes the same bytes at `at`; returns their end, or a negative number when `buffer` is that many bytes too short.
 */
export function writeAvroEvent(event: ClickEvent, buffer: Buffer, at: number): number {
  return CLICK_EVENT_TYPE.encode(toWire(event), buffer, at);
}

/** Reads the event at `at` that this process has written itself: nothing is checked. `bytes` may be reused afterwards. */
export function readAvroEvent(bytes: Buffer, at: number): ClickEvent {
  const wire = CLICK_EVENT_TYPE.decode(bytes, at).value as WireEvent & { readonly domain: Domain };
  return plainEvent(wire, wire.domain);
}

/** Decodes what `encodeAvroEvent` writes. */
export function createAvroEventDecoder({ domain, maxBytes }: EventDecoderOptions): EventDecoder {
  const guard = compileAvroGuard(CLICK_EVENT_TYPE, { maxStringBytes: MAX_STRING_BYTES, maxItems: MAX_ARRAY_ITEMS });
  return (bytes, headerDomain) => {
    if (bytes.length > maxBytes) {
      return badRecord('DADIN_RECORD_TOO_LARGE', `${bytes.length} bytes, at most ${maxBytes} are allowed`, bytes);
    }
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let wire: WireEvent;
    try {
      const end = guard(buffer, 0, buffer.length);
      if (end < buffer.length) throw new AvroViolation(`${buffer.length - end} bytes follow the event`);
      // avsc reads longs beyond 2^53 only by throwing.
      wire = CLICK_EVENT_TYPE.fromBuffer(buffer) as WireEvent;
    } catch (error) {
      return badRecord('DADIN_RECORD_MALFORMED', error instanceof Error ? error.message : String(error), bytes);
    }
    return toClickEvent(wire, domain, headerDomain, bytes);
  };
}
