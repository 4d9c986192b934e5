import type { RowStore } from './row-store.js';

/**
 * The `count` live rows touched longest ago; of equal age the least updated, then the smallest id, so that the choice is
 * a function of the table's contents alone.
 */
export function oldestRows(store: RowStore, count: number): number[] {
  const live: number[] = [];
  for (let row = 0; row < store.high; row++) if (store.idOf(row) !== 0) live.push(row);
  if (count >= live.length) return live;
  const thresholdMs = Float64Array.from(live, (row) => store.touchedMsOf(row)).sort()[count]!;
  const older = live.filter((row) => store.touchedMsOf(row) < thresholdMs);
  const tied = live.filter((row) => store.touchedMsOf(row) === thresholdMs);
  tied.sort((a, b) => store.updatesOf(a) - store.updatesOf(b) || store.idOf(a) - store.idOf(b));
  return older.concat(tied.slice(0, count - older.length));
}
