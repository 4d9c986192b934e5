import { describe, expect, it } from 'vitest';
import { guessFeatures } from '../../../../src/inspection/proposal/guess-features.js';
import { profile, profiles } from './sample.js';

const ROWS = 400;
const rows = <T>(value: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => value(row));
const user = (row: number) => (row * 7) % 31;
const item = (row: number) => (row * 13) % 53;
const users = profile(
  'userId',
  rows((row) => `u${user(row)}`),
);
const items = profile(
  'itemId',
  rows((row) => `i${item(row)}`),
);
const guess = (columns: Readonly<Record<string, readonly (string | null)[]>>) =>
  guessFeatures(profiles(columns), users, items);

describe('what goes with whom', () => {
  it('is told by what stays the same when a user or an item comes again', () => {
    const { features } = guess({
      x: rows((row) => String(user(row) % 4)),
      y: rows((row) => String(item(row) % 4)),
      z: rows((row) => String(row % 3)),
    });
    expect(features.map(({ name, side }) => [name, side])).toEqual([
      ['x', 'user'],
      ['y', 'item'],
      ['z', 'user'],
    ]);
  });

  it('is told by names where nobody comes again', () => {
    const alone = (name: string) => profile(name, ['a', 'b']);
    const { features } = guessFeatures(
      profiles({ brand: ['x', 'y'], age: ['1', '2'], ad_click_list: ['5^6', '7'], i_region: ['3', '4'] }),
      alone('userId'),
      alone('itemId'),
    );
    expect(features.map(({ side }) => side)).toEqual(['item', 'user', 'user', 'item']);
  });
});

describe('lists', () => {
  it.each(['|', '^', ';'])('are split at %s', (separator) => {
    const { listSeparator, features } = guess({
      genres: rows((row) => ['a', 'b', 'c'].slice(row % 3).join(separator)),
    });
    expect(listSeparator).toBe(separator);
    expect(features[0]).toMatchObject({ list: true, values: new Set(['a', 'b', 'c']) });
  });

  it('spaces separate ids, not words', () => {
    expect(guess({ seen: rows((row) => `N${row % 5} N${row % 7}`) }).listSeparator).toBe(' ');
    expect(guess({ place: rows((row) => `New ${['York', 'Delhi'][row % 2]}`) }).listSeparator).toBeNull();
  });

  it('JSON lists need no separator', () => {
    const { listSeparator, features } = guess({ tags: rows((row) => JSON.stringify([`t${row % 4}`, 't9'])) });
    expect(listSeparator).toBeNull();
    expect(features[0]).toMatchObject({ list: true, values: new Set(['t0', 't1', 't2', 't3', 't9']) });
  });
});

it('numbers with fractions are bucketed, years become decades, whole numbers stay', () => {
  const { features } = guess({
    price: rows((row) => (item(row) * 1.73 + 0.5).toFixed(2)),
    year: rows((row) => String(1970 + item(row))),
    code: rows((row) => String(1000 + item(row))),
  });
  expect(features.map(({ divideBy }) => divideBy)).toEqual([5, 10, null]);
});

it.each([
  ['constant', rows(() => 'x'), 'always the same'],
  ['empty', rows(() => null), 'empty'],
  ['request', rows((row) => `r${row}`), 'nearly a value a row'],
  ['is_like', rows((row) => String(row % 2)), 'tells the outcome'],
  ['play_time', rows((row) => String(row % 9)), 'tells the outcome'],
  ['sessionStart', rows((row) => String(1506826800000 + (row % 9))), 'a time'],
  ['review', rows((row) => `I liked this one very much, it was number ${row % 90}`), 'free text'],
])('%s is left out', (name, values, reason) => {
  expect(guess({ [name]: values })).toMatchObject({ features: [], leftOut: [`${name} (${reason})`] });
});

it('small samples are not judged by counting', () => {
  const { features } = guessFeatures(
    profiles({ city: ['7', '8'] }),
    profile('u', ['a', 'b']),
    profile('i', ['c', 'd']),
  );
  expect(features).toHaveLength(1);
});

it('outcomes in words, and numbers with a decimal comma, are left out', () => {
  const { features, leftOut } = guess({
    'Was liked?': rows((row) => (row % 3 === 0 ? 'Yes' : 'No')),
    price: rows((row) => `${row % 9},${row % 10}`),
  });
  expect(features).toEqual([]);
  expect(leftOut).toEqual(['Was liked? (tells the outcome)', 'price (numbers with a decimal comma)']);
});
