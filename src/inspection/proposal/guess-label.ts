import { type ColumnProfile, examplesOf, isNumeric, wordsOf } from './column-profile.js';
import type { Guess } from './guess.js';

export type LabelChoice =
  | { readonly column: string; readonly equals: readonly string[]; readonly negatives: readonly string[] }
  | { readonly column: string; readonly atLeast: number }
  | { readonly always: 'clicked' }
  | { readonly later: true };

/** Plain names, likeliest first. */
const LABEL_NAMES = [
  'clicked',
  'isclick',
  'isclicked',
  'click',
  'clk',
  'label',
  'y',
  'rating',
  'overall',
  'stars',
  'score',
];
/** Clicked, not clicked. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['1', '0'],
  ['1', '-1'],
  ['1.0', '0.0'],
  ['true', 'false'],
  ['True', 'False'],
  ['TRUE', 'FALSE'],
  ['yes', 'no'],
  ['Yes', 'No'],
  ['YES', 'NO'],
  ['y', 'n'],
  ['Y', 'N'],
  ['click', 'noclick'],
  ['clicked', 'notclicked'],
];
const MAX_RATING_LEVELS = 21;

/** In a longer name: `Was clicked?`, `ad_click_flag`. */
const CLICK_WORDS = ['click', 'clicked', 'clk'];

/** The label by name and values; null where no column looks like one. */
export function guessLabel(columns: readonly ColumnProfile[]): Guess<LabelChoice> | null {
  for (const name of LABEL_NAMES) {
    for (const column of columns.filter(({ plainName }) => plainName === name)) {
      const guess = guessLabelOf(column);
      if (guess !== null) return guess;
    }
  }
  const told = columns.filter(({ name }) => wordsOf(name).some((word) => CLICK_WORDS.includes(word)));
  return told.map(pairOf).find((guess) => guess !== null) ?? null;
}

/** The guess for one column, whatever its name; null where its values are no labels. */
export function guessLabelOf(column: ColumnProfile): Guess<LabelChoice> | null {
  const { name, distinct } = column;
  if (distinct.size === 0) return null;
  const pair = pairOf(column);
  if (pair !== null) return pair;
  if (!isNumeric(column) || distinct.size > MAX_RATING_LEVELS) return null;
  const numbers = [...distinct].map(Number);
  const top = Math.max(...numbers);
  if (Math.min(...numbers) < 0 || top > 100) return null;
  const scale = [5, 10, 100].find((limit) => top <= limit)!;
  const atLeast = scale * 0.8;
  return {
    value: { column: name, atLeast },
    why: `a rating (${examplesOf(column)}): from ${atLeast} on it counts as a click`,
  };
}

/** Two values that say clicked and not clicked. */
function pairOf({ name, distinct }: ColumnProfile): Guess<LabelChoice> | null {
  if (distinct.size === 0) return null;
  const pair = PAIRS.find((values) => [...distinct].every((value) => values.includes(value)));
  if (pair === undefined) return null;
  const [clicked, notClicked] = pair;
  const one = distinct.size === 1 ? ` (the sample has ${[...distinct][0]} only)` : '';
  return {
    value: { column: name, equals: [clicked], negatives: [notClicked] },
    why: `${clicked} is a click, ${notClicked} is none${one}`,
  };
}
