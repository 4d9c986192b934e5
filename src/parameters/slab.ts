/** Rows a slab; a table grows by whole slabs, so growing never copies rows. */
export const SLAB_BITS = 12;
const SLAB_ROWS = 1 << SLAB_BITS;
export const SLAB_MASK = SLAB_ROWS - 1;

/** Storage of `SLAB_ROWS` rows with all that belongs to a row. */
export interface Slab {
  /** [SLAB_ROWS, width] */
  readonly weights: Float32Array;
  /** optimizer slots, each [SLAB_ROWS, slotWidth] */
  readonly slots: readonly Float32Array[];
  /** [SLAB_ROWS] the row's feature id; 0 where the row is free */
  readonly ids: Float64Array;
  /** [SLAB_ROWS] event time of the last touch, milliseconds */
  readonly touchedMs: Float64Array;
  /** [SLAB_ROWS] updates so far: the row's step count and its frequency */
  readonly updates: Uint32Array;
  /** [SLAB_ROWS] number of the journal that has taken the row down */
  readonly journalled: Uint32Array;
}

export function newSlab(width: number, slotWidths: readonly number[]): Slab {
  return {
    weights: new Float32Array(SLAB_ROWS * width),
    slots: slotWidths.map((slotWidth) => new Float32Array(SLAB_ROWS * slotWidth)),
    ids: new Float64Array(SLAB_ROWS),
    touchedMs: new Float64Array(SLAB_ROWS),
    updates: new Uint32Array(SLAB_ROWS),
    journalled: new Uint32Array(SLAB_ROWS),
  };
}

export function slabBytes(slab: Slab): number {
  const arrays = [slab.weights, ...slab.slots, slab.ids, slab.touchedMs, slab.updates, slab.journalled];
  return arrays.reduce((sum, array) => sum + array.byteLength, 0);
}
