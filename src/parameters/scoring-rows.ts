import type { ServingTable } from '../core/index.js';
import { IdMap } from './id-map.js';
import { RowStore } from './row-store.js';
import { SLAB_BITS, SLAB_MASK } from './slab.js';

/** The embedding rows of a model version: read for scoring, replaced by the next version. */
export class ScoringRows {
  readonly #width: number;
  #store: RowStore;
  #rows = new IdMap();

  /** `width`: floats a row. */
  constructor(width: number) {
    this.#width = width;
    this.#store = emptyStore(width);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The id's row, or -1. */
  rowOf(id: number): number {
    return this.#rows.get(id);
  }

  /** Gathers rows: [n] -> into [n, width]. */
  read(rows: Int32Array, into: Float32Array): void {
    for (let k = 0; k < rows.length; k++) into.set(this.#weightsOf(rows[k]!), k * this.#width);
  }

  /** Takes in a version's table `embedding`; `whole`: ids not named have no row. */
  apply({ ids, columns, removed }: ServingTable, whole: boolean): void {
    if (whole) {
      this.#store = emptyStore(this.#width);
      this.#rows = new IdMap(ids.length);
    }
    for (let i = 0; i < removed.length; i++) this.#remove(removed[i]!);
    const data = columns[0]!.data as Float32Array;
    const width = this.#width;
    for (let i = 0; i < ids.length; i++) {
      let row = this.#rows.get(ids[i]!);
      if (row < 0) {
        row = this.#store.allocate(ids[i]!, 0);
        this.#rows.set(ids[i]!, row);
      }
      const { weights } = this.#store.slabs[row >> SLAB_BITS]!;
      const to = (row & SLAB_MASK) * width;
      const from = i * width;
      for (let j = 0; j < width; j++) weights[to + j] = data[from + j]!;
    }
  }

  /** What `EmbeddingTable.serving` gives whole, in another order. */
  table(): ServingTable {
    const { ids, rows } = this.#store.touchedSince(Number.NEGATIVE_INFINITY);
    return { name: 'embedding', ids, columns: [{ name: 'rows', ...rows }], removed: new Float64Array(0) };
  }

  #remove(id: number): void {
    const row = this.#rows.get(id);
    if (row < 0) return; // made and evicted between two versions
    this.#rows.delete(id);
    this.#store.release(row);
  }

  #weightsOf(row: number): Float32Array {
    const start = (row & SLAB_MASK) * this.#width;
    return this.#store.slabs[row >> SLAB_BITS]!.weights.subarray(start, start + this.#width);
  }
}

function emptyStore(width: number): RowStore {
  return new RowStore({ width, slotNames: [], slotWidths: [] });
}
