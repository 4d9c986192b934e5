import { expect, it } from 'vitest';
import { guessLabel, guessLabelOf } from '../../../../src/inspection/proposal/guess-label.js';
import { profile, profiles } from './sample.js';

it.each([
  [['0', '1', '0'], { equals: ['1'], negatives: ['0'] }],
  [['-1', '1'], { equals: ['1'], negatives: ['-1'] }],
  [['true', 'false'], { equals: ['true'], negatives: ['false'] }],
  [['4.0', '2.5', '5.0'], { atLeast: 4 }],
  [['9', '3', '10'], { atLeast: 8 }],
] as const)('%s', (values, rule) => {
  expect(guessLabelOf(profile('label', values))?.value).toEqual({ column: 'label', ...rule });
});

it.each([
  [['red', 'blue']],
  [['-3', '7']],
  [['1000', '7']],
  [Array.from({ length: 50 }, (_, i) => String(i))],
  [[null]],
])('%s are no labels', (values) => {
  expect(guessLabelOf(profile('label', values))).toBeNull();
});

it('a click is likelier meant than a rating', () => {
  expect(guessLabel(profiles({ rating: ['4', '5'], clicked: ['1', '0'] }))?.value).toMatchObject({ column: 'clicked' });
});

it('a sample with one class is a label all the same, and it is said', () => {
  const guess = guessLabel(profiles({ label: ['-1', '-1'] }));
  expect(guess?.value).toEqual({ column: 'label', equals: ['1'], negatives: ['-1'] });
  expect(guess?.why).toContain('-1 only');
});

it('a longer name with a click in it tells where the values are yes and no', () => {
  expect(guessLabel(profiles({ 'Was clicked?': ['Yes', 'No'], price: ['1', '0'] }))?.value).toEqual({
    column: 'Was clicked?',
    equals: ['Yes'],
    negatives: ['No'],
  });
  expect(guessLabel(profiles({ clickCount: ['3', '4'] }))).toBeNull();
});

it('no name that tells, no label', () => {
  expect(guessLabel(profiles({ weekend: ['0', '1'] }))).toBeNull();
});
