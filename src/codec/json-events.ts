import { isUtf8 } from 'node:buffer';
import type { ClickEvent, Feature } from '../core/index.js';
import type { WireEvent } from './click-event-schema.js';
import {
  badRecord,
  type EventDecoder,
  type EventDecoderOptions,
  isPrototypeName,
  MAX_ARRAY_ITEMS,
  MAX_STRING_BYTES,
  toClickEvent,
  toWire,
} from './event-decoding.js';

/** One click event as a JSON object with the field names of schemas/click-event.avsc, in UTF-8. */
export function encodeJsonEvent(event: ClickEvent): Buffer {
  return Buffer.from(JSON.stringify(toWire(event)));
}

/** Decodes what `encodeJsonEvent` writes; optional fields may be left out, unknown ones are passed over. */
export function createJsonEventDecoder({ domain, maxBytes }: EventDecoderOptions): EventDecoder {
  return (bytes, headerDomain) => {
    if (bytes.length > maxBytes) {
      return badRecord('DADIN_RECORD_TOO_LARGE', `${bytes.length} bytes, at most ${maxBytes} are allowed`, bytes);
    }
    if (!isUtf8(bytes)) return badRecord('DADIN_RECORD_MALFORMED', 'the message is not UTF-8', bytes);
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
    } catch {
      return badRecord('DADIN_RECORD_MALFORMED', 'the message is not JSON', bytes);
    }
    if (!isObject(value)) return badRecord('DADIN_RECORD_MALFORMED', 'the message is not a JSON object', bytes);
    if (Object.keys(value).some(isPrototypeName)) {
      return badRecord('DADIN_RECORD_MALFORMED', 'the message has a reserved key', bytes);
    }
    const wire = readWire(value);
    return typeof wire === 'string'
      ? badRecord('DADIN_RECORD_FIELD', `${wire} is missing or of the wrong type`, bytes)
      : toClickEvent(wire, domain, headerDomain, bytes);
  };
}

/** The event's fields with their types checked, or the name of the first that is wrong. */
function readWire(object: Record<string, unknown>): WireEvent | string {
  const { eventId, kind = 'impression', impressionId = eventId, eventTimeMs, userId, itemId } = object;
  if (!isText(eventId)) return 'eventId';
  if (kind !== 'impression' && kind !== 'click') return 'kind';
  if (!isText(impressionId)) return 'impressionId';
  if (typeof eventTimeMs !== 'number') return 'eventTimeMs';
  if (!isText(userId)) return 'userId';
  if (!isText(itemId)) return 'itemId';
  const { domain = null, clicked = null, row = null } = object;
  if (domain !== null && typeof domain !== 'string') return 'domain';
  if (clicked !== null && typeof clicked !== 'boolean') return 'clicked';
  if (row !== null && typeof row !== 'number') return 'row';
  const { userFeatures = [], itemFeatures = [] } = object;
  if (!areFeatures(userFeatures)) return 'userFeatures';
  if (!areFeatures(itemFeatures)) return 'itemFeatures';
  return { eventId, kind, impressionId, eventTimeMs, userId, itemId, domain, clicked, userFeatures, itemFeatures, row };
}

function areFeatures(value: unknown): value is readonly Feature[] {
  return isList(value) && value.every((part) => isObject(part) && isText(part['name']) && isTextList(part['values']));
}

function isTextList(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isText);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MAX_ARRAY_ITEMS;
}

/** A half of a surrogate pair has no UTF-8 form: written out, two ids would become one. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

function isText(value: unknown): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= MAX_STRING_BYTES && !LONE_SURROGATE.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
