import { describe, expect, it } from 'vitest';
import { pairKey } from '../../../src/statistics/pair-key.js';

describe('pairKey', () => {
  it('gives distinct positive safe integers for a million pairs, near and far', () => {
    const keys = new Set<number>();
    for (let a = 0; a < 500; a++) {
      for (let b = 0; b < 500; b++) {
        for (const [x, y] of [
          [a, b],
          [a * 2 ** 32 + 1, b + 1000],
          [a + 1000, b * 2 ** 40 + 7],
          [2 ** 52 + a, 2 ** 51 + b],
        ] as const) {
          const key = pairKey(x, y);
          if (!Number.isSafeInteger(key) || key <= 0) throw new Error(`${x}, ${y}: ${key}`);
          keys.add(key);
        }
      }
    }
    expect(keys.size).toBe(1_000_000);
  });

  it('depends on the order', () => {
    expect(pairKey(3, 4)).not.toBe(pairKey(4, 3));
  });
});
