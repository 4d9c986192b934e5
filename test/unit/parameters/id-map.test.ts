import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdMap } from '../../../src/parameters/id-map.js';

describe('IdMap', () => {
  it('behaves as a Map under any sequence of sets and deletes', () => {
    const id = fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.maxSafeNat().filter((n) => n > 0),
    );
    const call = fc.record({ id, value: fc.nat(), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 300 }), (calls) => {
        const map = new IdMap();
        const oracle = new Map<number, number>();
        for (const { id, value, remove } of calls) {
          if (remove) {
            map.delete(id);
            oracle.delete(id);
          } else {
            map.set(id, value);
            oracle.set(id, value);
          }
          expect(map.size).toBe(oracle.size);
        }
        for (const { id } of calls) expect(map.get(id)).toBe(oracle.get(id) ?? -1);
        const { ids, values } = map.entries();
        expect(new Map(Array.from(ids, (id, i) => [id, values[i]!]))).toEqual(oracle);
      }),
      { numRuns: 300 },
    );
  });

  it('tells apart ids that differ in their high bits only', () => {
    const map = new IdMap();
    for (let k = 0; k < 1000; k++) map.set(7 + k * 2 ** 32, k);
    for (let k = 0; k < 1000; k++) expect(map.get(7 + k * 2 ** 32)).toBe(k);
    expect(map.get(7 + 1000 * 2 ** 32)).toBe(-1);
  });

  it('refuses the id that marks an empty slot', () => {
    expect(() => new IdMap().set(0, 1)).toThrow(/not positive/);
  });
});
