import type { StateValue } from '../core/index.js';
import { newSlab, SLAB_BITS, SLAB_MASK, type Slab, slabBytes } from './slab.js';

const FIRST_ROWS = 1024;

/**
 * Rows as they were at a moment, for those that have changed since: what a rewind needs, instead of a copy of the whole
 * table. Entry k holds row `rows[k]` and lies in slabs of its own.
 */
export class RowJournal {
  readonly #width: number;
  readonly #slotWidths: readonly number[];
  #rows = new Int32Array(FIRST_ROWS);
  #count = 0;
  /** Reused after `clear`. */
  readonly #slabs: Slab[] = [];

  constructor(width: number, slotWidths: readonly number[]) {
    this.#width = width;
    this.#slotWidths = slotWidths;
  }

  /** [n] in the order of their first change. */
  get rows(): Int32Array {
    return this.#rows.subarray(0, this.#count);
  }

  get bytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slabBytes(slab), this.#rows.byteLength);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Takes a row down, which is to change for the first time. */
  add(row: number, slab: Slab, place: number): void {
    const k = this.#append(row);
    copyRow(slab, place, this.#slabs[k >> SLAB_BITS]!, k & SLAB_MASK, this.#width, this.#slotWidths);
  }

  /** Exchanges all rows for what they were; doing it twice changes nothing. */
  exchange(slabs: readonly Slab[]): void {
    const spare = newSlab(this.#width, this.#slotWidths);
    for (let k = 0; k < this.#count; k++) {
      const row = this.#rows[k]!;
      const [table, place] = [slabs[row >> SLAB_BITS]!, row & SLAB_MASK];
      const [own, at] = [this.#slabs[k >> SLAB_BITS]!, k & SLAB_MASK];
      copyRow(table, place, spare, 0, this.#width, this.#slotWidths);
      copyRow(own, at, table, place, this.#width, this.#slotWidths);
      copyRow(spare, 0, own, at, this.#width, this.#slotWidths);
    }
  }

  snapshot(): StateValue {
    const n = this.#count;
    const column = (width: number, of: (slab: Slab) => NumberArray, all: NumberArray): NumberArray => {
      for (let first = 0; first < n; first += SLAB_MASK + 1) {
        const length = Math.min(n - first, SLAB_MASK + 1) * width;
        all.set(of(this.#slabs[first >> SLAB_BITS]!).subarray(0, length), first * width);
      }
      return all;
    };
    return {
      rows: this.rows.slice(),
      ids: column(1, (slab) => slab.ids, new Float64Array(n)),
      touchedMs: column(1, (slab) => slab.touchedMs, new Float64Array(n)),
      updates: column(1, (slab) => slab.updates, new Uint32Array(n)),
      weights: column(this.#width, (slab) => slab.weights, new Float32Array(n * this.#width)),
      slots: this.#slotWidths.map((width, i) => column(width, (slab) => slab.slots[i]!, new Float32Array(n * width))),
    } as unknown as StateValue;
  }

  restore(state: StateValue): void {
    const saved = state as unknown as JournalState;
    this.clear();
    for (const row of saved.rows) this.#append(row);
    const column = (width: number, of: (slab: Slab) => NumberArray, all: NumberArray): void => {
      for (let first = 0; first < this.#count; first += SLAB_MASK + 1) {
        const length = Math.min(this.#count - first, SLAB_MASK + 1) * width;
        of(this.#slabs[first >> SLAB_BITS]!).set(all.subarray(first * width, first * width + length));
      }
    };
    column(1, (slab) => slab.ids, saved.ids);
    column(1, (slab) => slab.touchedMs, saved.touchedMs);
    column(1, (slab) => slab.updates, saved.updates);
    column(this.#width, (slab) => slab.weights, saved.weights);
    for (const [i, width] of this.#slotWidths.entries()) column(width, (slab) => slab.slots[i]!, saved.slots[i]!);
  }

  #append(row: number): number {
    const k = this.#count++;
    if (k === this.#rows.length) {
      const longer = new Int32Array(2 * k);
      longer.set(this.#rows);
      this.#rows = longer;
    }
    this.#rows[k] = row;
    if (k >> SLAB_BITS === this.#slabs.length) this.#slabs.push(newSlab(this.#width, this.#slotWidths));
    return k;
  }
}

type NumberArray = Float32Array | Float64Array | Uint32Array;

interface JournalState {
  readonly rows: Int32Array;
  readonly ids: Float64Array;
  readonly touchedMs: Float64Array;
  readonly updates: Uint32Array;
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

function copyRow(
  from: Slab,
  fromPlace: number,
  to: Slab,
  toPlace: number,
  width: number,
  slotWidths: readonly number[],
): void {
  to.ids[toPlace] = from.ids[fromPlace]!;
  to.touchedMs[toPlace] = from.touchedMs[fromPlace]!;
  to.updates[toPlace] = from.updates[fromPlace]!;
  copyFloats(from.weights, fromPlace, to.weights, toPlace, width);
  for (let i = 0; i < slotWidths.length; i++) {
    copyFloats(from.slots[i]!, fromPlace, to.slots[i]!, toPlace, slotWidths[i]!);
  }
}

function copyFloats(from: Float32Array, fromPlace: number, to: Float32Array, toPlace: number, width: number): void {
  let at = toPlace * width;
  for (let i = fromPlace * width; i < (fromPlace + 1) * width; i++) to[at++] = from[i]!;
}
