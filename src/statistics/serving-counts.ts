import type { ServingTable } from '../core/index.js';
import type { CounterTable } from './counter-table.js';
import type { PendingUpdates } from './pending-updates.js';

/**
 * Counts changed at or after `sinceMs`, with the updates added that wait for event time to pass `nowMs`; the labels and
 * positives of all rows that wait stand beside.
 */
export function servingCounts(
  table: CounterTable,
  pending: PendingUpdates,
  sinceMs: number,
  nowMs: number,
): { readonly counts: ServingTable; readonly labels: number; readonly positives: number } {
  let labels = 0;
  let labelPositives = 0;
  const waiting = new Map<number, [impressions: number, positives: number]>();
  pending.forEach((key, positive, kept) => {
    if (key === 0) {
      labels++;
      labelPositives += positive;
      return;
    }
    table.lookUp(key, nowMs);
    const [n, clicked] = waiting.get(key) ?? [table.impressions, table.positives];
    waiting.set(key, [n * kept + 1, clicked * kept + positive]);
  });

  const ids: number[] = [];
  const impressions: number[] = [];
  const positives: number[] = [];
  const changedMs: number[] = [];
  const put = (key: number, n: number, clicked: number, timeMs: number): void => {
    ids.push(key);
    impressions.push(n);
    positives.push(clicked);
    changedMs.push(timeMs);
  };
  table.forEachSince(sinceMs, (key, n, clicked, timeMs) => {
    if (!waiting.has(key)) put(key, n, clicked, timeMs);
  });
  for (const [key, [n, clicked]] of waiting) put(key, n, clicked, nowMs);
  const column = (name: string, values: readonly number[]) => ({
    name,
    shape: [values.length],
    data: Float64Array.from(values),
  });
  return {
    counts: {
      name: 'statistics',
      ids: Float64Array.from(ids),
      columns: [column('impressions', impressions), column('positives', positives), column('changed_ms', changedMs)],
      removed: new Float64Array(0),
    },
    labels,
    positives: labelPositives,
  };
}
