import type { Ragged, SampleBatch } from '../core/index.js';

/** A batch's feature ids as places in the list of its distinct rows. */
export interface BatchRows {
  /** [R] distinct rows of the embedding table, in order of first appearance */
  readonly rows: Int32Array;
  /** B lists of places in `rows` */
  readonly userFeatures: Ragged;
  /** U lists of places in `rows` */
  readonly itemFeatures: Ragged;
}

/**
 * Finds the distinct rows of batches. Ids without a row are left out of their lists, so they count as zero vectors and
 * receive no gradient.
 */
export class RowCollector {
  /** Place of each table row in the batch at hand; -1 elsewhere. */
  #placeOfRow = new Int32Array(0);
  #rows = new Int32Array(256);
  #count = 0;

  /** `rowOf` gives an id's row, -1 for none. */
  collect(batch: SampleBatch, rowOf: (id: number) => number): BatchRows {
    this.#count = 0;
    const userFeatures = this.#lists(batch.userSplits, batch.userIds, rowOf);
    const itemFeatures = this.#lists(batch.itemSplits, batch.itemIds, rowOf);
    const rows = this.#rows.slice(0, this.#count);
    for (let k = 0; k < rows.length; k++) this.#placeOfRow[rows[k]!] = -1;
    return { rows, userFeatures, itemFeatures };
  }

  #lists(splits: Int32Array, ids: Float64Array, rowOf: (id: number) => number): Ragged {
    const known = new Int32Array(splits.length);
    const items = new Int32Array(ids.length);
    let at = 0;
    for (let i = 0; i + 1 < splits.length; i++) {
      for (let j = splits[i]!; j < splits[i + 1]!; j++) {
        const row = rowOf(ids[j]!);
        if (row >= 0) items[at++] = this.#place(row);
      }
      known[i + 1] = at;
    }
    return { splits: known, items: at === items.length ? items : items.subarray(0, at) };
  }

  #place(row: number): number {
    if (row >= this.#placeOfRow.length) this.#growPlaces(row);
    const found = this.#placeOfRow[row]!;
    if (found >= 0) return found;
    if (this.#count === this.#rows.length) {
      const larger = new Int32Array(2 * this.#count);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#placeOfRow[row] = this.#count;
    this.#rows[this.#count] = row;
    return this.#count++;
  }

  #growPlaces(row: number): void {
    const larger = new Int32Array(Math.max(1024, 2 * row)).fill(-1);
    larger.set(this.#placeOfRow);
    this.#placeOfRow = larger;
  }
}
