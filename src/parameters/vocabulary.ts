import { NAMESPACE_NAMES, type NamespaceName, namespaceOf, type Stateful, type StateValue } from '../core/index.js';
import { AdmissionCounter } from './admission-counter.js';
import { oldestRows } from './eviction.js';
import { IdMap } from './id-map.js';
import type { RowChange, RowStore } from './row-store.js';

export interface VocabularyOptions {
  /** Live rows are never more than this. */
  readonly maxRows: number;
  /** A row is made when an id is seen for the n-th time; 1 makes it at once. */
  readonly admitAfter: Readonly<Record<NamespaceName, number>>;
  /** A row untouched for so long, in event time, is freed; null never. */
  readonly ttlMs: Readonly<Record<NamespaceName, number | null>>;
}

/** Of a vocabulary besides its rows, at the other end of a change. */
export interface VocabularyMark {
  pending: AdmissionCounter;
  evicted: number;
  nextExpiryMs: number;
  lastScanMs: number;
}

/** When full, a sweep frees a sixteenth, so that its scan is paid for by many admissions. */
const HEADROOM = 16;
/** Expired rows are looked for at most so many times in the shortest time to live. */
const SCANS_PER_TTL = 64;
/** Ids counted towards admission at once, at least. */
const MIN_PENDING = 65_536;

/**
 * Which ids have a row of a store: admission by count, freeing by age and by the cap, all in event time (algorithm D.8,
 * D.9). Row numbers are stable until `sweep`, which alone frees rows.
 */
export class Vocabulary implements Stateful {
  readonly #store: RowStore;
  readonly #newRow: (id: number, eventTimeMs: number) => number;
  readonly #maxRows: number;
  readonly #admitAfter: readonly number[];
  readonly #ttlMs: readonly number[];
  readonly #scanEveryMs: number;
  #rows = new IdMap();
  #pending: AdmissionCounter;
  #live = NAMESPACE_NAMES.map(() => 0);
  #evicted = 0;
  /** No row expires before this: touching only moves an expiry later. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #lastScanMs = Number.NEGATIVE_INFINITY;

  /** `newRow` allocates and fills a row of `store`. */
  constructor(options: VocabularyOptions, store: RowStore, newRow: (id: number, eventTimeMs: number) => number) {
    this.#store = store;
    this.#newRow = newRow;
    this.#maxRows = options.maxRows;
    this.#admitAfter = NAMESPACE_NAMES.map((name) => options.admitAfter[name]);
    this.#ttlMs = NAMESPACE_NAMES.map((name) => options.ttlMs[name] ?? Number.POSITIVE_INFINITY);
    this.#scanEveryMs = Math.min(...this.#ttlMs) / SCANS_PER_TTL;
    this.#pending = this.#newCounter();
  }

  /** Live rows. */
  get size(): number {
    return this.#rows.size;
  }

  /** Bytes of the id map and the admission counters. */
  get bytes(): number {
    return this.#rows.bytes + this.#pending.bytes;
  }

  /** Rows freed so far, by age or by the cap. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Live rows of each namespace. */
  liveRows(): Record<string, number> {
    return Object.fromEntries(NAMESPACE_NAMES.map((name, i) => [name, this.#live[i]!]));
  }

  /** The id's row, or -1. */
  rowOf(id: number): number {
    return this.#rows.get(id);
  }

  /** See `EmbeddingTable.admit`. */
  admit(id: number, eventTimeMs: number): number {
    const found = this.#rows.get(id);
    if (found >= 0) {
      this.#store.touch(found, eventTimeMs);
      return found;
    }
    const namespace = namespaceOf(id);
    const admitAfter = this.#admitAfter[namespace]!;
    if (admitAfter > 1 && this.#pending.seen(id) < admitAfter) return -1;
    if (this.#rows.size >= this.#maxRows) return -1;
    if (admitAfter > 1) this.#pending.forget(id);
    const row = this.#newRow(id, eventTimeMs);
    this.#remember(id, row);
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, eventTimeMs + this.#ttlMs[namespace]!);
    return row;
  }

  /** See `EmbeddingTable.sweep`; tells `freed` of each id that loses its row. */
  sweep(eventTimeMs: number, freed: (id: number) => void): number {
    const before = this.#rows.size;
    if (eventTimeMs >= this.#nextExpiryMs && eventTimeMs >= this.#lastScanMs + this.#scanEveryMs) {
      this.#freeExpired(eventTimeMs, freed);
    }
    if (this.#rows.size >= this.#maxRows) {
      const target = this.#maxRows - Math.max(1, Math.floor(this.#maxRows / HEADROOM));
      for (const row of oldestRows(this.#store, this.#rows.size - target)) this.#release(row, freed);
    }
    const count = before - this.#rows.size;
    this.#evicted += count;
    return count;
  }

  /** Row numbers are the store's, in the order of its snapshot. */
  snapshot(): Record<string, StateValue> {
    return this.snapshotMark(this.#now());
  }

  /** After the store. */
  restore(state: StateValue): void {
    this.#take(this.restoredMark(state));
    this.#rows = new IdMap(this.#store.high);
    this.#live = NAMESPACE_NAMES.map(() => 0);
    for (let row = 0; row < this.#store.high; row++) this.#remember(this.#store.idOf(row), row);
  }

  mark(): VocabularyMark {
    return { ...this.#now(), pending: this.#pending.copy() };
  }

  /** Goes to the other end of a change, together with the store; both arguments then lead back. */
  exchange(change: RowChange, mark: VocabularyMark): void {
    const changed = change.journal.rows;
    for (const row of changed) this.#forget(this.#store.idOf(row));
    this.#store.exchange(change);
    for (const row of changed) this.#remember(this.#store.idOf(row), row);
    const now = this.#now();
    this.#take(mark);
    Object.assign(mark, now);
  }

  snapshotMark({ pending, ...numbers }: VocabularyMark): Record<string, StateValue> {
    return { pending: pending.snapshot(), ...numbers };
  }

  restoredMark(state: StateValue): VocabularyMark {
    const { pending, ...numbers } = state as unknown as Omit<VocabularyMark, 'pending'> & { pending: StateValue };
    const counter = this.#newCounter();
    counter.restore(pending);
    return { pending: counter, ...numbers };
  }

  #now(): VocabularyMark {
    return {
      pending: this.#pending,
      evicted: this.#evicted,
      nextExpiryMs: this.#nextExpiryMs,
      lastScanMs: this.#lastScanMs,
    };
  }

  #take({ pending, evicted, nextExpiryMs, lastScanMs }: VocabularyMark): void {
    this.#pending = pending;
    this.#evicted = evicted;
    this.#nextExpiryMs = nextExpiryMs;
    this.#lastScanMs = lastScanMs;
  }

  #forget(id: number): void {
    if (id === 0) return;
    this.#rows.delete(id);
    this.#live[namespaceOf(id)]!--;
  }

  #remember(id: number, row: number): void {
    if (id === 0) return;
    this.#rows.set(id, row);
    this.#live[namespaceOf(id)]!++;
  }

  #release(row: number, freed: (id: number) => void): void {
    const id = this.#store.idOf(row);
    freed(id);
    this.#store.release(row);
    this.#forget(id);
  }

  #freeExpired(eventTimeMs: number, freed: (id: number) => void): void {
    let next = Number.POSITIVE_INFINITY;
    for (let row = 0; row < this.#store.high; row++) {
      const id = this.#store.idOf(row);
      if (id === 0) continue;
      const expiryMs = this.#store.touchedMsOf(row) + this.#ttlMs[namespaceOf(id)]!;
      if (expiryMs <= eventTimeMs) this.#release(row, freed);
      else if (expiryMs < next) next = expiryMs;
    }
    this.#nextExpiryMs = next;
    this.#lastScanMs = eventTimeMs;
  }

  #newCounter(): AdmissionCounter {
    return new AdmissionCounter(Math.max(MIN_PENDING, Math.floor(this.#maxRows / 4)));
  }
}
