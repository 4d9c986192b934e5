import type { Domain } from './domain.js';

/** A named feature with one or several values, as written in the log. Its id is made later, in `features/`. */
export interface Feature {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * One click event of either domain, decoded.
 *
 * An `impression` shows an item to a user; its label is `clicked`: true, false, or null when it is told later by a
 * `click` event with the same `impressionId` (or by its absence when the attribution window closes).
 */
export interface ClickEvent {
  readonly eventId: string;
  readonly kind: 'impression' | 'click';
  readonly impressionId: string;
  /** Milliseconds since the epoch, the time of the event itself; never the wall clock. */
  readonly eventTimeMs: number;
  readonly domain: Domain;
  readonly userId: string;
  readonly itemId: string;
  readonly clicked: boolean | null;
  readonly userFeatures: readonly Feature[];
  readonly itemFeatures: readonly Feature[];
  /** Row number in its file, the canonical tie-break where the log has no event ids; -1 where it has. */
  readonly row: number;
  /** Id of the writer's schema in the registry, where the record names one. */
  readonly schemaId?: number;
}

/** Why a record was not learned from. Each code has an anchor in docs/errors.md. */
export interface BadRecord {
  readonly code: BadRecordCode;
  readonly reason: string;
  /** The record as it came, cut to at most 64 KiB; null when it could not be kept. */
  readonly original: Uint8Array | null;
  /** Id of the writer's schema in the registry, where the record names one. */
  readonly schemaId?: number;
}

export const BAD_RECORD_CODES = [
  'DADIN_RECORD_MALFORMED',
  'DADIN_RECORD_SCHEMA',
  'DADIN_RECORD_TOO_LARGE',
  'DADIN_RECORD_FIELD',
  'DADIN_RECORD_LABEL',
  'DADIN_RECORD_DOMAIN',
  'DADIN_RECORD_TIME',
  'DADIN_RECORD_LATE',
  'DADIN_RECORD_TRUNCATED',
] as const;

export type BadRecordCode = (typeof BAD_RECORD_CODES)[number];

/** Bad records are values, not exceptions: they go to the dead-letter sink and are counted. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly bad: BadRecord };
