import {
  DadinError,
  NAMESPACE_NAMES,
  type NamedTensor,
  type NamespaceName,
  namespaceOf,
  type StateValue,
} from '../core/index.js';
import { AdmissionCounter } from './admission-counter.js';
import { oldestRows } from './eviction.js';
import { IdMap } from './id-map.js';
import { RowInitialiser } from './row-initialiser.js';
import { type RowOptimizer, type RowOptimizerOptions, rowOptimizer } from './row-optimizer.js';
import { newSlab, SLAB_BITS, SLAB_MASK, type Slab, slabBytes } from './slab.js';

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
export class EmbeddingTable {
  readonly #options: EmbeddingTableOptions;
  readonly #optimizer: RowOptimizer;
  readonly #initialiser: RowInitialiser;
  readonly #admitAfter: readonly number[];
  readonly #ttlMs: readonly number[];
  readonly #scanEveryMs: number;
  #rows = new IdMap();
  #pending: AdmissionCounter;
  #slabs: Slab[] = [];
  /** Rows ever handed out; rows at or above it were never used. */
  #high = 0;
  /** Freed rows, the next one to be used last. */
  #free: number[] = [];
  #live = NAMESPACE_NAMES.map(() => 0);
  #evicted = 0;
  /** No row expires before this: touching only moves an expiry later. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #lastScanMs = Number.NEGATIVE_INFINITY;

  constructor(options: EmbeddingTableOptions) {
    this.#options = options;
    this.#optimizer = rowOptimizer(options.optimizer, options.width);
    this.#initialiser = new RowInitialiser(options.seed, options.initStd);
    this.#admitAfter = NAMESPACE_NAMES.map((name) => options.admitAfter[name]);
    this.#ttlMs = NAMESPACE_NAMES.map((name) => options.ttlMs[name] ?? Number.POSITIVE_INFINITY);
    this.#scanEveryMs = Math.min(...this.#ttlMs) / SCANS_PER_TTL;
    this.#pending = new AdmissionCounter(pendingCapacity(options));
  }

  /** Live rows. */
  get size(): number {
    return this.#rows.size;
  }

  /** Bytes of all typed arrays: slabs, id map, admission counters. */
  get bytes(): number {
    const slabs = this.#slabs.reduce((sum, slab) => sum + slabBytes(slab), 0);
    return slabs + this.#rows.bytes + this.#pending.bytes;
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
      const slab = this.#slabs[found >> SLAB_BITS]!;
      if (eventTimeMs > slab.touchedMs[found & SLAB_MASK]!) slab.touchedMs[found & SLAB_MASK] = eventTimeMs;
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
    const width = this.#options.width;
    let at = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (row < 0) {
        into.fill(0, at, at + width);
        at += width;
        continue;
      }
      const weights = this.#slabs[row >> SLAB_BITS]!.weights;
      const start = (row & SLAB_MASK) * width;
      for (let i = start; i < start + width; i++) into[at++] = weights[i]!;
    }
  }

  /** One optimizer step on the named rows. `rows` [n] distinct, -1 skipped; `gradients` [n, d] summed over the batch. */
  apply(rows: Int32Array, gradients: Float32Array, learningRate: number, eventTimeMs: number): void {
    const width = this.#options.width;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (row < 0) continue;
      const slab = this.#slabs[row >> SLAB_BITS]!;
      const place = row & SLAB_MASK;
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
    if (eventTimeMs >= this.#nextExpiryMs && eventTimeMs >= this.#lastScanMs + this.#scanEveryMs) {
      this.#freeExpired(eventTimeMs);
    }
    const { maxRows } = this.#options;
    if (this.#rows.size >= maxRows) {
      const target = maxRows - Math.max(1, Math.floor(maxRows / HEADROOM));
      for (const row of oldestRows(this.#slabs, this.#high, this.#rows.size - target)) this.#release(row);
    }
    const freed = before - this.#rows.size;
    this.#evicted += freed;
    return freed;
  }

  snapshot(): EmbeddingTableState {
    const n = this.#rows.size;
    const { width } = this.#options;
    const rowNumbers = new Int32Array(n);
    const ids = new Float64Array(n);
    const touchedMs = new Float64Array(n);
    const updates = new Uint32Array(n);
    const weights = new Float32Array(n * width);
    const slots = this.#optimizer.slotWidths.map((slotWidth) => new Float32Array(n * slotWidth));
    let at = 0;
    for (let row = 0; row < this.#high; row++) {
      const slab = this.#slabs[row >> SLAB_BITS]!;
      const place = row & SLAB_MASK;
      const id = slab.ids[place]!;
      if (id === 0) continue;
      rowNumbers[at] = row;
      ids[at] = id;
      touchedMs[at] = slab.touchedMs[place]!;
      updates[at] = slab.updates[place]!;
      weights.set(slab.weights.subarray(place * width, (place + 1) * width), at * width);
      this.#optimizer.slotWidths.forEach((w, k) => {
        slots[k]!.set(slab.slots[k]!.subarray(place * w, (place + 1) * w), at * w);
      });
      at++;
    }
    return {
      model: [
        { name: 'embedding.ids', shape: [n], data: ids },
        { name: 'embedding.rows', shape: [n, width], data: weights },
      ],
      optimizer: [
        { name: 'embedding.updates', shape: [n], data: updates },
        { name: 'embedding.touched_ms', shape: [n], data: touchedMs },
        ...slots.map((data, k) => ({
          name: `embedding.${this.#optimizer.slotNames[k]!}`,
          shape: [n, this.#optimizer.slotWidths[k]!],
          data,
        })),
      ],
      rest: {
        rowNumbers,
        high: this.#high,
        free: Int32Array.from(this.#free),
        pending: this.#pending.snapshot(),
        evicted: this.#evicted,
        nextExpiryMs: this.#nextExpiryMs,
        lastScanMs: this.#lastScanMs,
      },
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when width or optimizer differ from the snapshot's */
  restore(state: EmbeddingTableState): void {
    const { width } = this.#options;
    const rest = state.rest as unknown as RestState;
    const { rowNumbers } = rest;
    const n = rowNumbers.length;
    const tensors = new Map([...state.model, ...state.optimizer].map((tensor) => [tensor.name, tensor]));
    const tensor = (name: string, columns: number): NamedTensor['data'] => {
      const found = tensors.get(`embedding.${name}`);
      if (found === undefined || found.data.length !== n * columns) throw mismatch(name, n, columns, found);
      return found.data;
    };
    const ids = tensor('ids', 1);
    const weights = tensor('rows', width);
    const updates = tensor('updates', 1);
    const touchedMs = tensor('touched_ms', 1);
    const { slotNames, slotWidths } = this.#optimizer;
    const slots = slotNames.map((name, k) => tensor(name, slotWidths[k]!));

    this.#rows = new IdMap(n);
    this.#slabs = [];
    this.#high = 0;
    this.#live = NAMESPACE_NAMES.map(() => 0);
    this.#grow(rest.high);
    for (let i = 0; i < n; i++) {
      const row = rowNumbers[i]!;
      const slab = this.#slabs[row >> SLAB_BITS]!;
      const place = row & SLAB_MASK;
      slab.ids[place] = ids[i]!;
      slab.touchedMs[place] = touchedMs[i]!;
      slab.updates[place] = updates[i]!;
      slab.weights.set(weights.subarray(i * width, (i + 1) * width), place * width);
      slotWidths.forEach((w, k) => {
        slab.slots[k]!.set(slots[k]!.subarray(i * w, (i + 1) * w), place * w);
      });
      this.#rows.set(ids[i]!, row);
      this.#live[namespaceOf(ids[i]!)]!++;
    }
    this.#free = Array.from(rest.free);
    this.#pending = new AdmissionCounter(pendingCapacity(this.#options));
    this.#pending.restore(rest.pending);
    this.#evicted = rest.evicted;
    this.#nextExpiryMs = rest.nextExpiryMs;
    this.#lastScanMs = rest.lastScanMs;
  }

  #allocate(id: number, namespace: number, eventTimeMs: number): number {
    const { width } = this.#options;
    const row = this.#free.pop() ?? this.#high;
    if (row === this.#high) this.#grow(row + 1);
    const slab = this.#slabs[row >> SLAB_BITS]!;
    const place = row & SLAB_MASK;
    slab.ids[place] = id;
    slab.touchedMs[place] = eventTimeMs;
    slab.updates[place] = 0;
    this.#initialiser.fill(id, slab.weights, place * width, width);
    this.#optimizer.slotWidths.forEach((w, k) => {
      slab.slots[k]!.fill(0, place * w, (place + 1) * w);
    });
    this.#rows.set(id, row);
    this.#live[namespace]!++;
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, eventTimeMs + this.#ttlMs[namespace]!);
    return row;
  }

  #grow(high: number): void {
    this.#high = high;
    while (this.#slabs.length << SLAB_BITS < high) {
      this.#slabs.push(newSlab(this.#options.width, this.#optimizer.slotWidths));
    }
  }

  #release(row: number): void {
    const slab = this.#slabs[row >> SLAB_BITS]!;
    const id = slab.ids[row & SLAB_MASK]!;
    slab.ids[row & SLAB_MASK] = 0;
    this.#rows.delete(id);
    this.#live[namespaceOf(id)]!--;
    this.#free.push(row);
  }

  #freeExpired(eventTimeMs: number): void {
    let next = Number.POSITIVE_INFINITY;
    for (let row = 0; row < this.#high; row++) {
      const slab = this.#slabs[row >> SLAB_BITS]!;
      const id = slab.ids[row & SLAB_MASK]!;
      if (id === 0) continue;
      const expiryMs = slab.touchedMs[row & SLAB_MASK]! + this.#ttlMs[namespaceOf(id)]!;
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

function pendingCapacity({ maxRows }: EmbeddingTableOptions): number {
  return Math.max(MIN_PENDING, Math.floor(maxRows / 4));
}

function mismatch(name: string, rows: number, columns: number, found: NamedTensor | undefined): DadinError {
  return new DadinError('DADIN_CHECKPOINT_MISMATCH', `embedding.${name} of the checkpoint does not fit this table`, {
    step: 'checkpoint',
    got: found === undefined ? 'no such tensor' : `[${found.shape.join(', ')}]`,
    expected: `[${rows}, ${columns}]`,
    remedy: 'resume with the embedding width and optimizer the checkpoint was written with',
  });
}
