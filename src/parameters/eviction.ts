import { SLAB_BITS, SLAB_MASK, type Slab } from './slab.js';

/**
 * The `count` live rows touched longest ago; of equal age the least updated, then the smallest id, so that the choice is
 * a function of the table's contents alone. In the order of row numbers among strictly older rows.
 */
export function oldestRows(slabs: readonly Slab[], high: number, count: number): number[] {
  const live: number[] = [];
  for (let row = 0; row < high; row++) if (slabs[row >> SLAB_BITS]!.ids[row & SLAB_MASK] !== 0) live.push(row);
  if (count >= live.length) return live;
  const touchedMs = (row: number): number => slabs[row >> SLAB_BITS]!.touchedMs[row & SLAB_MASK]!;
  const thresholdMs = Float64Array.from(live, touchedMs).sort()[count]!;
  const older = live.filter((row) => touchedMs(row) < thresholdMs);
  const tied = live.filter((row) => touchedMs(row) === thresholdMs);
  tied.sort((a, b) => {
    const slabA = slabs[a >> SLAB_BITS]!;
    const slabB = slabs[b >> SLAB_BITS]!;
    const frequency = slabA.updates[a & SLAB_MASK]! - slabB.updates[b & SLAB_MASK]!;
    return frequency !== 0 ? frequency : slabA.ids[a & SLAB_MASK]! - slabB.ids[b & SLAB_MASK]!;
  });
  return older.concat(tied.slice(0, count - older.length));
}
