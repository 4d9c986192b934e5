import { type ClickEvent, DOMAIN_CODE } from '../core/index.js';

/** A record with the place it was read from; what flows from the ordering to the fold. */
export interface PlacedEvent {
  readonly event: ClickEvent;
  readonly partition: number;
  readonly position: bigint;
}

/**
 * The canonical order of all events: event time, source before target, row number or event id, then partition and
 * position. It depends on the events alone as long as ids are unique, so files and topics of any partition count agree.
 */
export function compareEvents(a: PlacedEvent, b: PlacedEvent): number {
  const x = a.event;
  const y = b.event;
  if (x.eventTimeMs !== y.eventTimeMs) return x.eventTimeMs - y.eventTimeMs;
  if (x.domain !== y.domain) return DOMAIN_CODE[x.domain] - DOMAIN_CODE[y.domain];
  if (x.row !== y.row) return x.row - y.row;
  if (x.eventId !== y.eventId) return x.eventId < y.eventId ? -1 : 1;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.position < b.position ? -1 : a.position > b.position ? 1 : 0;
}
