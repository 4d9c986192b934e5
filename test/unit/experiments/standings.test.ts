import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { meanAndDeviation, pairedMean, significanceGroups } from '../../../src/experiments/standings.js';

describe('means over repetitions', () => {
  it('are those of a textbook', () => {
    const { mean, deviation } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(mean).toBe(5);
    expect(deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(meanAndDeviation([3])).toEqual({ mean: 3, deviation: 0 });
  });

  it('of pairs have the interval of Student: t(9) = 2.262 at ten repetitions', () => {
    const first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const second = first.map((x, i) => x - (i % 2)); // differences 0 and 1, mean .5
    const { mean, low, high, wins } = pairedMean(first, second);
    expect(mean).toBe(0.5);
    expect(high - mean).toBeCloseTo((2.262 * Math.sqrt(2.5 / 9)) / Math.sqrt(10), 12);
    expect(mean - low).toBeCloseTo(high - mean, 12);
    expect(wins).toBe(5);
    expect(pairedMean([1], [0]).low).toBe(Number.NEGATIVE_INFINITY);
  });

  it('of pairs cover the true difference in 95 of 100 cases', () => {
    const random = new SeededRandom(1);
    let covered = 0;
    for (let i = 0; i < 4000; i++) {
      const noise = () => Array.from({ length: 10 }, () => random.normal());
      const { low, high } = pairedMean(
        noise().map((x) => x + 0.3),
        noise(),
      );
      if (low < 0.3 && 0.3 < high) covered++;
    }
    expect(covered / 4000).toBeGreaterThan(0.94);
    expect(covered / 4000).toBeLessThan(0.96);
  });
});

describe('significance groups', () => {
  it('put together what cannot be told apart from the best of the group', () => {
    const good = [0.8, 0.81, 0.79, 0.8];
    const same = [0.79, 0.82, 0.78, 0.8];
    const worse = [0.7, 0.71, 0.69, 0.7];
    expect(significanceGroups([worse, good, same])).toEqual(['b', 'a', 'a']);
  });
});
