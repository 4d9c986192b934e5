import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';

describe('SeededRandom', () => {
  it('is uniform and normal to within sampling error', () => {
    const random = new SeededRandom(7);
    const n = 200_000;
    let sum = 0;
    let normalSum = 0;
    let normalSquares = 0;
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < n; i++) {
      const u = random.next();
      sum += u;
      counts[Math.floor(u * 16)]!++;
      const z = random.normal();
      normalSum += z;
      normalSquares += z * z;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
    const chiSquare = counts.reduce((x, c) => x + (c - n / 16) ** 2 / (n / 16), 0);
    expect(chiSquare).toBeLessThan(44); // 15 degrees of freedom, p = 1e-4
    expect(Math.abs(normalSum / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(normalSquares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  });

  it('separates seeds and streams, and continues to the bit from a snapshot', () => {
    expect(new SeededRandom(1).nextUint32()).not.toBe(new SeededRandom(2).nextUint32());
    expect(new SeededRandom(1, 'a').nextUint32()).not.toBe(new SeededRandom(1, 'b').nextUint32());
    const a = new SeededRandom(3);
    for (let i = 0; i < 10; i++) a.next();
    const b = new SeededRandom(99);
    b.restore(a.snapshot());
    expect(Array.from({ length: 5 }, () => b.next())).toEqual(Array.from({ length: 5 }, () => a.next()));
  });
});
