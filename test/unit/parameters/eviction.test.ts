import fc from 'fast-check';
import { expect, it } from 'vitest';
import { oldestRows } from '../../../src/parameters/eviction.js';
import { RowStore } from '../../../src/parameters/row-store.js';

it('chooses what a full sort by age, updates and id would choose', () => {
  const row = fc.record({ touchedMs: fc.nat(12), updates: fc.nat(2), freed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 80 }), fc.nat(90), (rows, count) => {
      const store = new RowStore({ width: 1, slotNames: [], slotWidths: [] });
      // ids fall, so that their order is not that of the rows
      rows.forEach(({ touchedMs, updates }, i) => {
        store.allocate(1000 - i, touchedMs);
        store.slabs[0]!.updates[i] = updates;
      });
      rows.forEach(({ freed }, i) => {
        if (freed) store.release(i);
      });
      const sorted = rows
        .flatMap(({ freed, ...keys }, i) => (freed ? [] : [{ ...keys, i }]))
        .sort((a, b) => a.touchedMs - b.touchedMs || a.updates - b.updates || b.i - a.i);
      const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
      expect(ascending(oldestRows(store, count))).toEqual(ascending(sorted.slice(0, count).map(({ i }) => i)));
    }),
  );
});
