import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenerationalMap } from '../../../src/core/index.js';

describe('GenerationalMap', () => {
  it('keeps the capacity / 2 keys used last, never more than capacity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }),
        (capacity, keys) => {
          const map = new GenerationalMap<number>(capacity);
          const used: string[] = [];
          for (const key of keys) {
            if (map.get(`${key}`) === undefined) map.set(`${key}`, key);
            used.splice(0, used.length, ...used.filter((k) => k !== `${key}`), `${key}`);
            expect(map.size).toBeLessThanOrEqual(2 * Math.floor(capacity / 2));
            const present = new Set([...map.entries()].map(([k]) => k));
            for (const recent of used.slice(-Math.floor(capacity / 2))) expect(present).toContain(recent);
          }
          expect(map.size + map.evicted).toBeGreaterThanOrEqual(Math.min(new Set(keys).size, 1));
        },
      ),
    );
  });

  it('behaves the same after a restore', () => {
    const a = new GenerationalMap<number>(6);
    for (const k of [1, 2, 3, 4, 2, 5]) a.set(`${k}`, k);
    const b = new GenerationalMap<number>(6);
    b.restore(a.entries(), a.oldSize, a.evicted);
    for (const k of [2, 6, 7, 1, 8]) {
      expect(b.get(`${k}`)).toBe(a.get(`${k}`));
      a.set(`${k}`, k);
      b.set(`${k}`, k);
      expect([...b.entries()]).toEqual([...a.entries()]);
    }
    expect(b.evicted).toBe(a.evicted);
  });
});
