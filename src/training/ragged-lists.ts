import { bug, type Ragged } from '../core/index.js';

/** [N]: the row that owns each place. */
export function ownersOf({ splits, items }: Ragged): Int32Array {
  const rows = new Int32Array(items.length);
  for (let row = 0; row + 1 < splits.length; row++) rows.fill(row, splits[row]!, splits[row + 1]!);
  return rows;
}

/** [N]: what each place counts in a bag, 1 or, for the mean, 1 / length of its row's list. */
export function bagWeights({ splits, items }: Ragged, mean: boolean): Float32Array {
  const weights = new Float32Array(items.length).fill(1);
  if (!mean) return weights;
  for (let i = 0; i + 1 < splits.length; i++)
    weights.fill(1 / (splits[i + 1]! - splits[i]!), splits[i]!, splits[i + 1]!);
  return weights;
}

/** Plain loops over typed arrays would read past the end without a word. */
export function checkWithin(index: Int32Array, rows: number): void {
  for (const row of index) if (row < 0 || row >= rows) bug(`row ${row} of a matrix of ${rows}`);
}
