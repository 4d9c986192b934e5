import { bug, type NamedTensor, type Serving, type ServingPart, type StateValue } from '../core/index.js';
import type { Rewindable } from './rewindable.js';
import { RowInitialiser } from './row-initialiser.js';
import { type RowOptimizer, type RowOptimizerOptions, rowOptimizer } from './row-optimizer.js';
import { type RowChange, RowStore } from './row-store.js';
import { SLAB_BITS, SLAB_MASK } from './slab.js';
import { UnpublishedRows } from './unpublished-rows.js';
import { Vocabulary, type VocabularyMark, type VocabularyOptions } from './vocabulary.js';

export interface EmbeddingTableOptions extends VocabularyOptions {
  /** d, floats a row */
  readonly width: number;
  readonly seed: number;
  /** Standard deviation of the start values; .05 where nothing else is said. */
  readonly initStd: number;
  readonly optimizer: RowOptimizerOptions;
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

/**
 * Embeddings of an open vocabulary: feature id -> row, without collisions, in slabs of typed arrays (algorithm D.8, D.9).
 * A row owns its optimizer slots, its update count and the event time of its last touch; all go when it goes, and an id
 * that was evicted and returns is a new row. Rows not named in `apply` do not change by a bit.
 *
 * Row numbers are stable until `sweep`, which alone frees rows: call it between steps, never between `admit` and `apply`.
 */
export class EmbeddingTable implements Serving, Rewindable {
  readonly #width: number;
  readonly #optimizer: RowOptimizer;
  readonly #store: RowStore;
  readonly #vocabulary: Vocabulary;
  readonly #unpublished = new UnpublishedRows();
  /** The rest of the way back to the mark; rows keep their own. */
  #marked: VocabularyMark;
  /** The way to what the last rewind left, while it is kept. */
  #kept: Kept | null = null;

  constructor(options: EmbeddingTableOptions) {
    const { width } = options;
    this.#width = width;
    this.#optimizer = rowOptimizer(options.optimizer, width);
    const { slotNames, slotWidths } = this.#optimizer;
    const store = new RowStore({ width, slotNames, slotWidths });
    const initialiser = new RowInitialiser(options.seed, options.initStd);
    this.#store = store;
    this.#vocabulary = new Vocabulary(options, store, (id, eventTimeMs) => {
      const row = store.allocate(id, eventTimeMs);
      initialiser.fill(id, store.slabs[row >> SLAB_BITS]!.weights, (row & SLAB_MASK) * width, width);
      return row;
    });
    this.#marked = this.#vocabulary.mark();
  }

  /** Live rows. */
  get size(): number {
    return this.#vocabulary.size;
  }

  /** Bytes of all typed arrays: slabs, id map, admission counters. */
  get bytes(): number {
    return this.#store.bytes + this.#vocabulary.bytes;
  }

  /** Rows freed so far, by age or by the cap. */
  get evicted(): number {
    return this.#vocabulary.evicted;
  }

  /** Live rows of each namespace. */
  liveRows(): Record<string, number> {
    return this.#vocabulary.liveRows();
  }

  /** The id's row, or -1. Never allocates: for scoring. */
  rowOf(id: number): number {
    return this.#vocabulary.rowOf(id);
  }

  /**
   * The id's row, made if need be: for training. -1 while the id has been seen fewer than `admitAfter` times (each call
   * is one sight), and while the table is full; then the next `sweep` makes room.
   */
  admit(id: number, eventTimeMs: number): number {
    return this.#vocabulary.admit(id, eventTimeMs);
  }

  /** Gathers rows: [n] -> into [n, d]; -1 reads as zeros. */
  read(rows: Int32Array, into: Float32Array): void {
    const width = this.#width;
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
    const width = this.#width;
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
    this.#unpublished.advance(eventTimeMs);
    return this.#vocabulary.sweep(eventTimeMs, (id) => this.#unpublished.remove(id));
  }

  snapshot(): EmbeddingTableState {
    const { model, optimizer, rowNumbers, high, free } = this.#store.snapshot();
    return { model, optimizer, rest: { rowNumbers, high, free, ...this.#vocabulary.snapshot() } };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when width or optimizer differ from the snapshot's */
  restore({ model, optimizer, rest }: EmbeddingTableState): void {
    const { rowNumbers, high, free, ...vocabulary } = rest as unknown as RestState;
    this.#store.restore({ model, optimizer, rowNumbers, high, free });
    this.#vocabulary.restore(vocabulary);
    this.#unpublished.forget('the weights were put back from a copy');
    if (this.#store.isMarked) this.mark();
  }

  mark(): void {
    this.#store.markAnew();
    this.#marked = this.#vocabulary.mark();
    this.#kept = null;
  }

  rewind(keep: boolean): void {
    this.#exchange(this.#store.change, this.#marked);
    const [rows, vocabulary] = [this.#store.mark(), this.#marked];
    this.#marked = this.#vocabulary.mark();
    this.#kept = keep ? { rows, vocabulary } : null;
  }

  settle(): void {
    this.#kept = null;
  }

  resume(): void {
    const { rows, vocabulary } = this.#kept ?? bug('nothing to resume');
    this.#exchange(this.#store.change, this.#marked);
    this.#marked = vocabulary;
    this.#exchange(rows, this.#marked);
    this.#store.goOnWith(rows);
    this.#kept = null;
  }

  snapshotMark(): StateValue {
    const saved = ({ rows, vocabulary }: Kept): StateValue => ({
      rows: this.#store.snapshotChange(rows),
      ...this.#vocabulary.snapshotMark(vocabulary),
    });
    const back = { rows: this.#store.change, vocabulary: this.#marked };
    return { back: saved(back), kept: this.#kept === null ? null : saved(this.#kept) };
  }

  restoreMark(state: StateValue): void {
    this.mark();
    if (state === null) return;
    const restored = ({ rows, ...vocabulary }: SavedMark): Kept => ({
      rows: this.#store.restoredChange(rows),
      vocabulary: this.#vocabulary.restoredMark(vocabulary),
    });
    const { back, kept } = state as unknown as { back: SavedMark; kept: SavedMark | null };
    const { rows, vocabulary } = restored(back);
    this.#store.goOnWith(rows);
    this.#marked = vocabulary;
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

  /** Goes to the other end of a change; both arguments then lead back. */
  #exchange(rows: RowChange, vocabulary: VocabularyMark): void {
    this.#vocabulary.exchange(rows, vocabulary);
    this.#unpublished.forget('the weights were put back from a copy');
  }
}

/** The way to another moment of the table. */
interface Kept {
  readonly rows: RowChange;
  readonly vocabulary: VocabularyMark;
}

interface RestState extends Record<string, StateValue> {
  readonly rowNumbers: Int32Array;
  readonly high: number;
  readonly free: Int32Array;
}

interface SavedMark extends Record<string, StateValue> {
  readonly rows: StateValue;
}
