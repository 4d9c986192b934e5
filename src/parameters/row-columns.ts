import { DadinError, type NamedTensor } from '../core/index.js';
import { SLAB_BITS, SLAB_MASK, type Slab } from './slab.js';

/** What a row's columns are called and how wide they are. */
export interface RowLayout {
  /** d, floats of weights a row */
  readonly width: number;
  readonly slotNames: readonly string[];
  /** Floats a row in each optimizer slot. */
  readonly slotWidths: readonly number[];
}

type ColumnArray = Float32Array | Float64Array | Uint32Array;

/** One column of all rows, which a checkpoint holds as one tensor `embedding.NAME`. */
export interface RowColumn {
  readonly name: string;
  /** null: one value a row, a tensor of one dimension */
  readonly width: number | null;
  readonly of: (slab: Slab) => ColumnArray;
  readonly make: (length: number) => ColumnArray;
}

/** What a model is made of, and what its optimizer keeps besides. */
export function rowColumns({ width, slotNames, slotWidths }: RowLayout): {
  model: readonly RowColumn[];
  optimizer: readonly RowColumn[];
} {
  return {
    model: [
      { name: 'ids', width: null, of: (slab) => slab.ids, make: (length) => new Float64Array(length) },
      { name: 'rows', width, of: (slab) => slab.weights, make: (length) => new Float32Array(length) },
    ],
    optimizer: [
      { name: 'updates', width: null, of: (slab) => slab.updates, make: (length) => new Uint32Array(length) },
      { name: 'touched_ms', width: null, of: (slab) => slab.touchedMs, make: (length) => new Float64Array(length) },
      ...slotNames.map((name, k) => ({
        name,
        width: slotWidths[k]!,
        of: (slab: Slab) => slab.slots[k]!,
        make: (length: number) => new Float32Array(length),
      })),
    ],
  };
}

/** A column of the rows named, in their order. */
export function gatherColumn(column: RowColumn, slabs: readonly Slab[], rowNumbers: Int32Array): NamedTensor {
  const width = column.width ?? 1;
  const n = rowNumbers.length;
  const data = column.make(n * width);
  forEachRun(rowNumbers, (i, slab, place, length) => {
    data.set(column.of(slabs[slab]!).subarray(place * width, (place + length) * width), i * width);
  });
  return { name: `embedding.${column.name}`, shape: column.width === null ? [n] : [n, column.width], data };
}

/**
 * The way back of `gatherColumn`.
 * @throws DadinError DADIN_CHECKPOINT_MISMATCH where the tensor is missing or of another size
 */
export function scatterColumn(
  column: RowColumn,
  tensor: NamedTensor | undefined,
  slabs: readonly Slab[],
  rowNumbers: Int32Array,
): void {
  const width = column.width ?? 1;
  const n = rowNumbers.length;
  if (tensor === undefined || tensor.data.length !== n * width) throw mismatch(column.name, n, width, tensor);
  const { data } = tensor;
  forEachRun(rowNumbers, (i, slab, place, length) => {
    column.of(slabs[slab]!).set(data.subarray(i * width, (i + length) * width), place * width);
  });
}

/** Calls back for each run of neighbours in one slab, so that a table without gaps is copied slab by slab. */
export function forEachRun(
  rowNumbers: Int32Array,
  copy: (first: number, slab: number, place: number, length: number) => void,
): void {
  let first = 0;
  for (let i = 1; i <= rowNumbers.length; i++) {
    const row = rowNumbers[i];
    if (row !== undefined && row === rowNumbers[i - 1]! + 1 && (row & SLAB_MASK) !== 0) continue;
    copy(first, rowNumbers[first]! >> SLAB_BITS, rowNumbers[first]! & SLAB_MASK, i - first);
    first = i;
  }
}

function mismatch(name: string, rows: number, width: number, found: NamedTensor | undefined): DadinError {
  return new DadinError('DADIN_CHECKPOINT_MISMATCH', `embedding.${name} of the checkpoint does not fit this table`, {
    step: 'checkpoint',
    got: found === undefined ? 'no such tensor' : `[${found.shape.join(', ')}]`,
    expected: `[${rows}, ${width}]`,
    remedy: 'resume with the embedding width and optimizer the checkpoint was written with',
  });
}
