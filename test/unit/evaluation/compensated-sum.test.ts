import { expect, it } from 'vitest';
import { CompensatedSum } from '../../../src/evaluation/compensated-sum.js';

it('CompensatedSum keeps the small terms that a float64 sum loses beside large ones that come and go', () => {
  let plain = 0;
  const sum = new CompensatedSum();
  const add = (term: number): void => {
    plain += term;
    sum.add(term);
  };
  for (let i = 0; i < 1000; i++) {
    add(1e16);
    add(0.1);
    add(-1e16);
  }
  expect(plain).toBe(0);
  expect(sum.value).toBeCloseTo(100, 10);
  const restored = new CompensatedSum();
  restored.restore(sum.snapshot());
  restored.add(1e16);
  sum.add(1e16);
  expect(restored.snapshot()).toEqual(sum.snapshot());
});
