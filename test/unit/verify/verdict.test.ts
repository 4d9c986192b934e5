import { expect, it } from 'vitest';
import { Comparison, FLOAT32_GRADIENT, FLOAT64 } from '../../../src/verify/verdict.js';

function statusOf(fill: (comparison: Comparison) => void): string {
  const comparison = new Comparison();
  fill(comparison);
  return comparison.verdict('file', 'subject').status;
}

it.each<[string, (comparison: Comparison) => void]>([
  ['a NaN', (c) => c.number('x', Number.NaN, 1, FLOAT64)],
  ['an infinity', (c) => c.number('x', Number.POSITIVE_INFINITY, 1, FLOAT64)],
  ['a null where a number is expected', (c) => c.number('x', null, 1, FLOAT64)],
  ['a number where null is expected', (c) => c.number('x', 1, null, FLOAT64)],
  ['numbers that are missing', (c) => c.numbers('x', [1], [1, 2], FLOAT64)],
  ['numbers too many', (c) => c.numbers('x', [1, 2], [1], FLOAT64)],
  ['an expectation that is absent', (c) => c.numbers('x', [1], [], FLOAT64)],
  ['an error beyond what is allowed', (c) => c.number('x', 1 + 2e-9, 1, FLOAT64)],
  ['one such among others', (c) => c.numbers('x', [0, 1e-4, 0], [0, 0, 0], FLOAT32_GRADIENT)],
  ['a case that compared nothing', () => {}],
])('%s is a miss', (_, fill) => {
  expect(statusOf(fill)).toBe('MISS');
});

it('numbers within what is allowed are ok, and the worst is named', () => {
  const comparison = new Comparison();
  comparison.numbers('small', [1, 2 + 1e-10], [1, 2], FLOAT64);
  comparison.numbers('worst', [5e-6], [0], FLOAT32_GRADIENT);
  comparison.number('both null', null, null, FLOAT64);
  expect(comparison.verdict('f.json', 'reference')).toMatchObject({
    file: 'f.json',
    subject: 'reference',
    status: 'ok',
    detail: expect.stringContaining('at worst'),
  });
});
