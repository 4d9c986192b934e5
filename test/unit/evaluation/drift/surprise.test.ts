import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/core/index.js';
import { Surprise } from '../../../../src/evaluation/drift/surprise.js';

/** Mean of the signal over rows whose logit is `bias` + x, where the world's is `bias` + `slope` x. */
function meanSurprise(bias: number, slope: number): number {
  const random = new SeededRandom(3);
  const surprise = new Surprise();
  let sum = 0;
  let rows = 0;
  for (let i = 0; i < 40_000; i++) {
    const x = random.normal();
    const label = random.next() < 1 / (1 + Math.exp(-(bias + slope * x))) ? 1 : 0;
    const value = surprise.next(bias + x, label);
    if (value === null) continue;
    sum += value;
    rows++;
  }
  return sum / rows;
}

describe('Surprise', () => {
  it('is near one half in the mean while predictions are calibrated, at any click rate', () => {
    for (const bias of [0, -2, -4]) expect(Math.abs(meanSurprise(bias, 1) - 0.5)).toBeLessThan(0.015);
  });

  it('rises where predictions are too bold or wrong, and falls where they are too timid', () => {
    const calibrated = meanSurprise(-2, 1);
    expect(meanSurprise(-2, 0)).toBeGreaterThan(calibrated + 0.01);
    expect(meanSurprise(-2, -1)).toBeGreaterThan(meanSurprise(-2, 0) + 0.01);
    expect(meanSurprise(-2, 2)).toBeLessThan(calibrated - 0.01);
  });

  it('waits for 20 rows of each class, and stays within [0, 1] for logits of any size', () => {
    const surprise = new Surprise();
    const logits = [40, -40, 3, 500, -500];
    for (let i = 0; i < 39; i++) expect(surprise.next(logits[i % 5]!, i % 2 === 0 ? 1 : 0)).toBeNull();
    for (let i = 1; i < 100; i++) {
      const value = surprise.next(logits[i % 5]!, i % 3 === 0 ? 1 : 0)!;
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });
});
