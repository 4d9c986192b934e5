import type { RowStore } from './row-store.js';

/**
 * The `count` live rows touched longest ago; of equal age the least updated, then the smallest id, so that the choice is
 * a function of the table's contents alone.
 */
export function oldestRows(store: RowStore, count: number): number[] {
  const rows = new Int32Array(store.high);
  const touchedMs = new Float64Array(store.high);
  let live = 0;
  for (let row = 0; row < store.high; row++) {
    if (store.idOf(row) === 0) continue;
    rows[live] = row;
    touchedMs[live++] = store.touchedMsOf(row);
  }
  if (count >= live) return Array.from(rows.subarray(0, live));
  const thresholdMs = valueOfRank(touchedMs.slice(0, live), count);
  const older: number[] = [];
  const tied: number[] = [];
  for (let i = 0; i < live; i++) {
    if (touchedMs[i]! < thresholdMs) older.push(rows[i]!);
    else if (touchedMs[i] === thresholdMs) tied.push(rows[i]!);
  }
  tied.sort((a, b) => store.updatesOf(a) - store.updatesOf(b) || store.idOf(a) - store.idOf(b));
  return older.concat(tied.slice(0, count - older.length));
}

/** The value that would stand at `rank` if `values` were sorted (Hoare's quickselect); reorders them. */
function valueOfRank(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const left = values[i]!;
      values[i++] = values[j]!;
      values[j--] = left;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank]!;
}
