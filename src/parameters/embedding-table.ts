import {
  bug,
  NAMESPACE_NAMES,
  type NamedTensor,
  type NamespaceName,
  namespaceOf,
  type Serving,
  type ServingPart,
  type StateValue,
} from '../core/index.js';
import { AdmissionCounter } from './admission-counter.js';
import { oldestRows } from './eviction.js';
import { IdMap } from './id-map.js';
import type { Rewindable } from './rewindable.js';
import { RowInitialiser } from './row-initialiser.js';
import { type RowOptimizer, type RowOptimizerOptions, rowOptimizer } from './row-optimizer.js';
import { type RowChange, RowStore } from './row-store.js';
import { SLAB_BITS, SLAB_MASK } from './slab.js';
import { UnpublishedRows } from './unpublished-rows.js';

export interface EmbeddingTableOptions {
  /** d, floats a row */
  readonly width: number;
  readonly seed: number;
  /** Standard deviation of the start values; .05 where nothing else is said. */
  readonly initStd: number;
  readonly optimizer: RowOptimizerOptions;
  /** Live rows are never more than this. */
  readonly maxRows: number;
  /** A row is made when an id is seen for the n-th time; 1 makes it at once. */
  readonly admitAfter: Readonly<Record<NamespaceName, number>>;
  /** A row untouched for so long, in event time, is freed; null never. */
  readonly ttlMs: Readonly<Record<NamespaceName, number | null>>;
}

/** A table's part of a checkpoint. Row i of every tensor belongs to `embedding.ids`[i]; only live rows are written. */
export interface EmbeddingTableState {
  /** `embedding.ids` float64 [n], `embedding.rows` float32 [n, d] */
  readonly model: readonly NamedTensor[];
  /** `embedding.updates` uint32 [n], `embedding.touched_ms` float64 [n]; Adam: `embedding.m`, `embedding.v` [n, d]; AdaGrad: `embedding.accumulator` [n, 1] */
  readonly optimizer: readonly NamedTensor[];
  /** Row numbers, free list, admission counters, expiry schedule. */
  readonly rest: StateValue;
}

/** When full, a sweep frees a sixteenth, so that its scan is paid for by many admissions. */
const HEADROOM = 16;
/** Expired rows are looked for at most so many times in the shortest time to live. */
const SCANS_PER_TTL = 64;
/** Ids counted towards admission at once, at least. */
const MIN_PENDING = 65_536;

/**
 * Embeddings of an open vocabulary: feature id -> row, without collisions, in slabs of typed arrays (algorithm D.8, D.9).
 * A row owns its optimizer slots, its update count and the event time of its last touch; all go when it goes, and an id
 * that was evicted and returns is a new row. Rows not named in `apply` do not change by a bit.
 *
 * Row numbers are stable until `sweep`, which alone frees rows: call it between steps, never between `admit` and `apply`.
 */
export class EmbeddingTable implements Serving, Rewindable {
  readonly #options: EmbeddingTableOptions;
  readonly #optimizer: RowOptimizer;
  readonly #store: RowStore;
  readonly #initialiser: RowInitialiser;
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
  readonly #unpublished = new UnpublishedRows();
  /** The rest of the way back to the mark; rows keep their own. */
  #marked: Marked;
  /** The way to what the last rewind left, while it is kept. */
  #kept: (Marked & { readonly rows: RowChange }) | null = null;

  constructor(options: EmbeddingTableOptions) {
    this.#options = options;
    this.#optimizer = rowOptimizer(options.optimizer, options.width);
    const { slotNames, slotWidths } = this.#optimizer;
    this.#store = new RowStore({ width: options.width, slotNames, slotWidths });
    this.#initialiser = new RowInitialiser(options.seed, options.initStd);
    this.#admitAfter = NAMESPACE_NAMES.map((name) => options.admitAfter[name]);
    this.#ttlMs = NAMESPACE_NAMES.map((name) => options.ttlMs[name] ?? Number.POSITIVE_INFINITY);
    this.#scanEveryMs = Math.min(...this.#ttlMs) / SCANS_PER_TTL;
    this.#pending = new AdmissionCounter(pendingCapacity(options));
    this.#marked = this.#marks();
  }

  /** Live rows. */
  get size(): number {
    return this.#rows.size;
  }

  /** Bytes of all typed arrays: slabs, id map, admission counters. */
  get bytes(): number {
    return this.#store.bytes + this.#rows.bytes + this.#pending.bytes;
  }

  /** Rows freed so far, by age or by the cap. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Live rows of each namespace. */
  liveRows(): Record<string, number> {
    return Object.fromEntries(NAMESPACE_NAMES.map((name, i) => [name, this.#live[i]!]));
  }

  /** The id's row, or -1. Never allocates: for scoring. */
  rowOf(id: number): number {
    return this.#rows.get(id);
  }

  /**
   * The id's row, made if need be: for training. -1 while the id has been seen fewer than `admitAfter` times (each call
   * is one sight), and while the table is full; then the next `sweep` makes room.
   */
  admit(id: number, eventTimeMs: number): number {
    const found = this.#rows.get(id);
    if (found >= 0) {
      this.#store.touch(found, eventTimeMs);
      return found;
    }
    const namespace = namespaceOf(id);
    const admitAfter = this.#admitAfter[namespace]!;
    if (admitAfter > 1 && this.#pending.seen(id) < admitAfter) return -1;
    if (this.#rows.size >= this.#options.maxRows) return -1;
    if (admitAfter > 1) this.#pending.forget(id);
    return this.#allocate(id, namespace, eventTimeMs);
  }

  /** Gathers rows: [n] -> into [n, d]; -1 reads as zeros. */
  read(rows: Int32Array, into: Float32Array): void {
    const { width } = this.#options;
    const { slabs } = this.#store;
    let at = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (row < 0) {
        into.fill(0, at, at + width);
        at += width;
        continue;
      }
      const weights = slabs[row >> SLAB_BITS]!.weights;
      const start = (row & SLAB_MASK) * width;
      for (let i = start; i < start + width; i++) into[at++] = weights[i]!;
    }
  }

  /** One optimizer step on the named rows. `rows` [n] distinct, -1 skipped; `gradients` [n, d] summed over the batch. */
  apply(rows: Int32Array, gradients: Float32Array, learningRate: number, eventTimeMs: number): void {
    const { width } = this.#options;
    const { slabs } = this.#store;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (row < 0) continue;
      const slab = slabs[row >> SLAB_BITS]!;
      const place = row & SLAB_MASK;
      this.#store.willChange(row);
      const updates = slab.updates[place]! + 1;
      slab.updates[place] = updates;
      if (eventTimeMs > slab.touchedMs[place]!) slab.touchedMs[place] = eventTimeMs;
      this.#optimizer.update(slab, place, gradients, k * width, learningRate, updates);
    }
  }

  /**
   * Frees rows untouched for their time to live, then, when the table is full, the oldest (of equal age the least
   * updated) until a sixteenth is free. Call it before each step: it looks at rows only when one may have expired, at
   * most every 1/64 of the shortest time to live, or when the table is full. Returns how many rows it freed.
   */
  sweep(eventTimeMs: number): number {
    const before = this.#rows.size;
    this.#unpublished.advance(eventTimeMs);
    if (eventTimeMs >= this.#nextExpiryMs && eventTimeMs >= this.#lastScanMs + this.#scanEveryMs) {
      this.#freeExpired(eventTimeMs);
    }
    const { maxRows } = this.#options;
    if (this.#rows.size >= maxRows) {
      const target = maxRows - Math.max(1, Math.floor(maxRows / HEADROOM));
      for (const row of oldestRows(this.#store, this.#rows.size - target)) this.#release(row);
    }
    const freed = before - this.#rows.size;
    this.#evicted += freed;
    return freed;
  }

  snapshot(): EmbeddingTableState {
    const { model, optimizer, rowNumbers, high, free } = this.#store.snapshot();
    return {
      model,
      optimizer,
      rest: {
        rowNumbers,
        high,
        free,
        pending: this.#pending.snapshot(),
        evicted: this.#evicted,
        nextExpiryMs: this.#nextExpiryMs,
        lastScanMs: this.#lastScanMs,
      },
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when width or optimizer differ from the snapshot's */
  restore(state: EmbeddingTableState): void {
    const rest = state.rest as unknown as RestState;
    this.#store.restore({ model: state.model, optimizer: state.optimizer, ...rest });
    this.#rows = new IdMap(rest.rowNumbers.length);
    this.#live = NAMESPACE_NAMES.map(() => 0);
    for (const row of rest.rowNumbers) {
      this.#remember(this.#store.idOf(row), row);
    }
    this.#pending.restore(rest.pending);
    this.#evicted = rest.evicted;
    this.#nextExpiryMs = rest.nextExpiryMs;
    this.#lastScanMs = rest.lastScanMs;
    this.#unpublished.forget('the weights were put back from a copy');
    if (this.#store.isMarked) this.mark();
  }

  mark(): void {
    this.#store.markAnew();
    this.#marked = this.#marks();
    this.#kept = null;
  }

  rewind(keep: boolean): void {
    this.#exchange(this.#store.change, this.#marked);
    const [rows, left] = [this.#store.mark(), this.#marked];
    this.#marked = this.#marks();
    this.#kept = keep ? { rows, ...left } : null;
  }

  settle(): void {
    this.#kept = null;
  }

  resume(): void {
    const { rows, ...left } = this.#kept ?? bug('nothing to resume');
    this.#exchange(this.#store.change, this.#marked);
    this.#marked = left;
    this.#exchange(rows, this.#marked);
    this.#store.goOnWith(rows);
    this.#kept = null;
  }

  snapshotMark(): StateValue {
    const saved = (rows: RowChange, { pending, evicted, nextExpiryMs, lastScanMs }: Marked): StateValue => ({
      rows: this.#store.snapshotChange(rows),
      pending: pending.snapshot(),
      ...{ evicted, nextExpiryMs, lastScanMs },
    });
    const kept = this.#kept;
    return { back: saved(this.#store.change, this.#marked), kept: kept === null ? null : saved(kept.rows, kept) };
  }

  restoreMark(state: StateValue): void {
    this.mark();
    if (state === null) return;
    const restored = ({ rows, pending, ...numbers }: SavedMark): Marked & { rows: RowChange } => {
      const counter = new AdmissionCounter(pendingCapacity(this.#options));
      counter.restore(pending);
      return { rows: this.#store.restoredChange(rows), pending: counter, ...numbers };
    };
    const { back, kept } = state as unknown as { back: SavedMark; kept: SavedMark | null };
    const { rows, ...marked } = restored(back);
    this.#store.goOnWith(rows);
    this.#marked = marked;
    this.#kept = kept === null ? null : restored(kept);
  }

  /**
   * `embedding`: rows of width d. A row changes only in steps, which touch it, so those touched at or after the event
   * time of the last publication are all that may have changed.
   */
  serving(whole: string | null): ServingPart {
    const wholeBecause = whole ?? this.#unpublished.unknownBecause;
    const { ids, rows } = this.#store.touchedSince(
      wholeBecause === null ? this.#unpublished.sinceMs : Number.NEGATIVE_INFINITY,
    );
    const removed = wholeBecause === null ? this.#unpublished.removed() : new Float64Array(0);
    return {
      tensors: [],
      tables: [{ name: 'embedding', ids, columns: [{ name: 'rows', ...rows }], removed }],
      wholeBecause,
    };
  }

  published(): void {
    this.#unpublished.published();
  }

  /** What `serving` knows of changes: goes with a snapshot, is no part of any digest. */
  snapshotPublishing(): StateValue {
    return this.#unpublished.snapshot();
  }

  restorePublishing(state: StateValue): void {
    this.#unpublished.restore(state);
  }

  #marks(): Marked {
    return {
      pending: this.#pending.copy(),
      evicted: this.#evicted,
      nextExpiryMs: this.#nextExpiryMs,
      lastScanMs: this.#lastScanMs,
    };
  }

  /** Goes to the other end of a change; both arguments then lead back. */
  #exchange(rows: RowChange, other: Marked): void {
    const changed = rows.journal.rows;
    for (const row of changed) this.#forget(this.#store.idOf(row));
    this.#store.exchange(rows);
    for (const row of changed) this.#remember(this.#store.idOf(row), row);
    const now = {
      pending: this.#pending,
      evicted: this.#evicted,
      nextExpiryMs: this.#nextExpiryMs,
      lastScanMs: this.#lastScanMs,
    };
    this.#pending = other.pending;
    this.#evicted = other.evicted;
    this.#nextExpiryMs = other.nextExpiryMs;
    this.#lastScanMs = other.lastScanMs;
    Object.assign(other, now);
    this.#unpublished.forget('the weights were put back from a copy');
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

  #allocate(id: number, namespace: number, eventTimeMs: number): number {
    const { width } = this.#options;
    const row = this.#store.allocate(id, eventTimeMs);
    this.#initialiser.fill(id, this.#store.slabs[row >> SLAB_BITS]!.weights, (row & SLAB_MASK) * width, width);
    this.#remember(id, row);
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, eventTimeMs + this.#ttlMs[namespace]!);
    return row;
  }

  #release(row: number): void {
    const id = this.#store.idOf(row);
    this.#unpublished.remove(id);
    this.#store.release(row);
    this.#forget(id);
  }

  #freeExpired(eventTimeMs: number): void {
    let next = Number.POSITIVE_INFINITY;
    for (let row = 0; row < this.#store.high; row++) {
      const id = this.#store.idOf(row);
      if (id === 0) continue;
      const expiryMs = this.#store.touchedMsOf(row) + this.#ttlMs[namespaceOf(id)]!;
      if (expiryMs <= eventTimeMs) this.#release(row);
      else if (expiryMs < next) next = expiryMs;
    }
    this.#nextExpiryMs = next;
    this.#lastScanMs = eventTimeMs;
  }
}

interface RestState {
  readonly rowNumbers: Int32Array;
  readonly high: number;
  readonly free: Int32Array;
  readonly pending: StateValue;
  readonly evicted: number;
  readonly nextExpiryMs: number;
  readonly lastScanMs: number;
}

/** Of the table besides its rows, at the other end of a change. */
interface Marked {
  pending: AdmissionCounter;
  evicted: number;
  nextExpiryMs: number;
  lastScanMs: number;
}

interface SavedMark extends Omit<Marked, 'pending'> {
  readonly rows: StateValue;
  readonly pending: StateValue;
}

function pendingCapacity({ maxRows }: EmbeddingTableOptions): number {
  return Math.max(MIN_PENDING, Math.floor(maxRows / 4));
}
