import { expect, it } from 'vitest';
import { shellWord } from '../../../src/cli/shell-word.js';
import { bytes, duration, percent, table, wrapped } from '../../../src/inspection/figures.js';

it.each([
  [0, '0 %'],
  [1, '100.0 %'],
  [0.1052, '10.5 %'],
  [0.0123, '1.2 %'],
  [0.00123, '0.12 %'],
  [0.0000123, '0.0012 %'],
  [null, '-'],
])('share %s is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1400, '1.4 kB'],
  [2_000_000, '2.0 MB'],
  [5e12, '5000.0 GB'],
])('%s bytes are %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [1500, '1.5 s'],
  [5_400_000, '1.5 h'],
  [172_800_000, '2 d'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('tables are aligned and end without spaces', () => {
  expect(
    table(
      [
        ['', 'long'],
        ['name', 'x'],
        ['n', ''],
      ],
      ' ',
    ),
  ).toEqual(['       long', ' name     x', ' n']);
});

it('long texts are broken at spaces', () => {
  expect(wrapped('a bb ccc dddd', 5)).toEqual(['a bb', 'ccc', 'dddd']);
  expect(wrapped('unbreakable', 3)).toEqual(['unbreakable']);
});

it.each([
  ['a/b-1.yaml', 'a/b-1.yaml'],
  ['my file', "'my file'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
])('the shell reads %j as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
