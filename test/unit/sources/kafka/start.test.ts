import { expect, it } from 'vitest';
import { parseStart } from '../../../../src/sources/kafka/index.js';

const NOW = Date.UTC(2026, 10, 24, 12);

it.each([
  ['earliest', 'earliest'],
  ['latest', 'latest'],
  ['90s', { timeMs: NOW - 90_000 }],
  ['15m', { timeMs: NOW - 900_000 }],
  ['6h', { timeMs: NOW - 21_600_000 }],
  ['3d', { timeMs: NOW - 259_200_000 }],
  ['2026-11-24T10:00:00Z', { timeMs: NOW - 7_200_000 }],
  ['2026-11-24T10:00+02:00', { timeMs: NOW - 14_400_000 }],
])('%s is a place to begin at', (text, expected) => {
  expect(parseStart(text, NOW)).toEqual(expected);
});

it.each(['', 'oldest', '3 days', '3w', '-3d', '2026-11-24', '2026-11-24T10:00:00', '2026-13-24T10:00:00Z'])(
  '"%s" is none',
  (text) => {
    expect(parseStart(text, NOW)).toBeNull();
  },
);
