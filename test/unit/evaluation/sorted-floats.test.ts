import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { SortedFloats } from '../../../src/evaluation/sorted-floats.js';

describe('SortedFloats', () => {
  it('ranks, adds and removes like a sorted list, ties included', () => {
    const step = fc.record({ add: fc.boolean(), value: fc.integer({ min: -4, max: 4 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sorted = new SortedFloats();
        const list: number[] = [];
        for (const { add, value } of steps) {
          if (add) {
            sorted.add(value);
            list.push(value);
          } else {
            const at = list.indexOf(value);
            expect(sorted.remove(value)).toBe(at >= 0);
            if (at >= 0) list.splice(at, 1);
          }
          expect(sorted.twiceMidRank(value)).toBe(
            list.reduce((sum, v) => sum + (v < value ? 2 : v === value ? 1 : 0), 0),
          );
        }
        expect([...sorted.toArray()]).toEqual(list.sort((a, b) => a - b));
      }),
    );
  });

  it('stays sorted over many blocks while the values drift and half of them are tied', () => {
    const random = new SeededRandom(1);
    const sorted = new SortedFloats();
    const held: number[] = [];
    for (let i = 0; i < 40_000; i++) {
      const value = Math.fround(i % 2 === 0 ? Math.floor(i / 5000) : i / 5000 + random.normal());
      sorted.add(value);
      held.push(value);
      if (held.length > 6000) expect(sorted.remove(held[i - 6000]!)).toBe(true);
      if (held.length > 6000) held[i - 6000] = Number.NaN;
    }
    const kept = held.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
    expect([...sorted.toArray()]).toEqual(kept);
    for (const probe of [kept[0]!, kept[3000]!, 7, kept.at(-1)!, -99, 99]) {
      const expected = kept.reduce((sum, v) => sum + (v < probe ? 2 : v === probe ? 1 : 0), 0);
      expect(sorted.twiceMidRank(probe)).toBe(expected);
    }
    for (const value of kept) expect(sorted.remove(value)).toBe(true);
    expect(sorted.size).toBe(0);
    expect(sorted.remove(1)).toBe(false);
  });
});
