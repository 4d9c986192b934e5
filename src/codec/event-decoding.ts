import type { BadRecordCode, ClickEvent, Decoded, Domain, Feature } from '../core/index.js';
import type { WireEvent } from './click-event-schema.js';

/**
 * Decodes one message. `headerDomain` is what the message's own header says, null without one: it counts where no domain
 * is configured for the source, and before the event's own field. Never throws: a message that is no event is a bad record.
 */
export type EventDecoder = (bytes: Uint8Array, headerDomain: string | null) => Decoded<ClickEvent>;

export interface EventDecoderOptions {
  /** The domain configured for the source; null: messages tell theirs. */
  readonly domain: Domain | null;
  /** Longer messages are refused unread. */
  readonly maxBytes: number;
}

/** Limits of what an event may hold; producers are not trusted. */
export const MAX_STRING_BYTES = 16_384;
export const MAX_ARRAY_ITEMS = 10_000;

/** avsc 5.7.9 writes longs below -2^52 wrongly, without a word; the year 144 000 will do. */
const MAX_INTEGER = 2 ** 52 - 1;
const MAX_ORIGINAL_BYTES = 65_536;
/** Names that mean something to JavaScript objects. No feature needs them. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isPrototypeName(name: string): boolean {
  return PROTOTYPE_NAMES.has(name);
}

export function badRecord(code: BadRecordCode, reason: string, bytes: Uint8Array): Decoded<ClickEvent> {
  return { ok: false, bad: { code, reason, original: bytes.slice(0, MAX_ORIGINAL_BYTES) } };
}

/** The checks that do not depend on the encoding. `wire` has the right types already. */
export function toClickEvent(
  wire: WireEvent,
  configuredDomain: Domain | null,
  headerDomain: string | null,
  bytes: Uint8Array,
): Decoded<ClickEvent> {
  const named = configuredDomain ?? headerDomain ?? wire.domain;
  if (named !== 'target' && named !== 'source') {
    return badRecord('DADIN_RECORD_DOMAIN', named === null ? 'no domain is given' : 'the domain is unknown', bytes);
  }
  if (!Number.isSafeInteger(wire.eventTimeMs) || Math.abs(wire.eventTimeMs) > MAX_INTEGER) {
    return badRecord('DADIN_RECORD_TIME', `eventTimeMs ${wire.eventTimeMs} is not a time`, bytes);
  }
  for (const field of ['eventId', 'impressionId', 'userId', 'itemId'] as const) {
    if (wire[field] === '') return badRecord('DADIN_RECORD_FIELD', `${field} is empty`, bytes);
  }
  const row = wire.row ?? -1;
  if (!Number.isSafeInteger(row) || row < -1 || row > MAX_INTEGER)
    return badRecord('DADIN_RECORD_FIELD', 'row is not a row number', bytes);
  if (!areFeatures(wire.userFeatures) || !areFeatures(wire.itemFeatures)) {
    return badRecord('DADIN_RECORD_FIELD', 'a feature has no name, no value, or a name that is reserved', bytes);
  }
  return { ok: true, value: plainEvent(wire, named) };
}

/** The event as a plain object, without what a decoder's own classes bring along. */
export function plainEvent(wire: WireEvent, domain: Domain): ClickEvent {
  return {
    eventId: wire.eventId,
    kind: wire.kind,
    impressionId: wire.impressionId,
    eventTimeMs: wire.eventTimeMs,
    domain,
    userId: wire.userId,
    itemId: wire.itemId,
    clicked: wire.clicked,
    userFeatures: plainFeatures(wire.userFeatures),
    itemFeatures: plainFeatures(wire.itemFeatures),
    row: wire.row ?? -1,
  };
}

export function toWire(event: ClickEvent): WireEvent {
  // Field by field: spreading costs as much as encoding.
  return {
    eventId: event.eventId,
    kind: event.kind,
    impressionId: event.impressionId,
    eventTimeMs: event.eventTimeMs,
    userId: event.userId,
    itemId: event.itemId,
    domain: event.domain,
    clicked: event.clicked,
    userFeatures: event.userFeatures,
    itemFeatures: event.itemFeatures,
    row: event.row < 0 ? null : event.row,
  };
}

function areFeatures(features: readonly Feature[]): boolean {
  for (const { name, values } of features) {
    if (name === '' || values.length === 0 || isPrototypeName(name)) return false;
  }
  return true;
}

function plainFeatures(features: readonly Feature[]): Feature[] {
  return features.map(({ name, values }) => ({ name, values }));
}
