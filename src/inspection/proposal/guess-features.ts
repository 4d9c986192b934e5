import { type ColumnProfile, examplesOf, isNumeric, wordsOf } from './column-profile.js';
import { timeFormat } from './guess-time.js';

export interface FeatureChoice {
  readonly name: string;
  readonly column: string;
  readonly side: 'user' | 'item';
  readonly list: boolean;
  readonly divideBy: number | null;
  readonly why: string;
  /** Single values of the sample. */
  readonly values: ReadonlySet<string>;
}

export interface FeatureGuess {
  readonly listSeparator: string | null;
  readonly features: readonly FeatureChoice[];
  /** Columns not used: `name (reason)`. */
  readonly leftOut: readonly string[];
}

const SEPARATORS = ['|', '^', ';', ',', ' '] as const;
/** Judgements by counting need this many rows. */
const ENOUGH_ROWS = 200;
const ID_LIKE = 0.5;
const TEXT_CHARACTERS = 40;
/** A feature goes with what determines it this surely. */
const DETERMINED = 0.98;
const BUCKETS = 20;
const ITEM_WORDS = [
  'item',
  'i',
  'ad',
  'adv',
  'article',
  'doc',
  'movie',
  'product',
  'genre',
  'genres',
  'category',
  'cat',
  'cate',
  'subcategory',
  'brand',
  'year',
  'topic',
  'publisher',
  'creat',
  'creative',
  'advertiser',
  'campaign',
  'title',
  'spread',
  'app',
  'author',
  'price',
  'task',
];
const USER_WORDS = [
  'user',
  'u',
  'age',
  'gender',
  'sex',
  'city',
  'residence',
  'region',
  'country',
  'device',
  'os',
  'occupation',
];
/** What happened after the impression is no input: it would tell the label. */
const OUTCOME_WORDS = [
  'label',
  'click',
  'clicked',
  'like',
  'liked',
  'follow',
  'comment',
  'share',
  'forward',
  'purchase',
  'buy',
  'cart',
  'conversion',
  'rating',
  'pro',
];
const ALWAYS_OUTCOME = /label|dwell|playtime|playduration|watchtime|watchratio|profilestaytime|commentstaytime/;
const BINARY = new Set(['0', '1', '-1', 'true', 'false', 'yes', 'no', 'y', 'n']);
const DECIMAL_COMMA = /^-?\d+,\d+$/;

/** What can be learned from the columns that no role took. */
export function guessFeatures(
  columns: readonly ColumnProfile[],
  users: ColumnProfile,
  items: ColumnProfile,
): FeatureGuess {
  const listSeparator = commonSeparator(columns);
  const features: FeatureChoice[] = [];
  const leftOut: string[] = [];
  for (const column of columns) {
    const reason = reasonToLeaveOut(column);
    if (reason !== null) {
      leftOut.push(`${column.name} (${reason})`);
      continue;
    }
    const list = isJsonList(column) || (listSeparator !== null && isList(column, listSeparator));
    const values = list ? pieces(column, listSeparator) : column.distinct;
    if (column.values.length >= ENOUGH_ROWS && values.size > ID_LIKE * column.filled) {
      leftOut.push(`${column.name} (nearly a value a row)`);
      continue;
    }
    const { side, why } = sideOf(column, users, items);
    const divideBy = list ? null : bucketWidth(column);
    const bucketed = divideBy === null ? '' : `, in steps of ${divideBy}`;
    features.push({
      name: column.name,
      column: column.name,
      side,
      list,
      divideBy,
      why: `${list ? 'lists of ' : ''}${values.size} value${values.size === 1 ? '' : 's'}${bucketed}, ${why}: ${examplesOf(column)}`,
      values,
    });
  }
  return {
    listSeparator: features.some(({ list, column }) => list && !isJsonColumn(columns, column)) ? listSeparator : null,
    features,
    leftOut,
  };
}

function isJsonColumn(columns: readonly ColumnProfile[], name: string): boolean {
  return columns.some((column) => column.name === name && isJsonList(column));
}

function reasonToLeaveOut(column: ColumnProfile): string | null {
  const { distinct, filled, values, plainName, name } = column;
  if (filled === 0) return 'empty';
  if (distinct.size === 1 && values.length >= ENOUGH_ROWS && filled === values.length) return 'always the same';
  if (ALWAYS_OUTCOME.test(plainName)) return 'tells the outcome';
  if (
    [...distinct].every((value) => BINARY.has(value.toLowerCase())) &&
    wordsOf(name).some((word) => OUTCOME_WORDS.includes(word))
  )
    return 'tells the outcome';
  if (!/^\d{8}$/.test([...distinct][0]!) && timeFormat(column) !== null) return 'a time';
  const sampled = [...distinct].slice(0, ENOUGH_ROWS);
  if (sampled.every((value) => DECIMAL_COMMA.test(value))) return 'numbers with a decimal comma';
  const isText =
    sampled.filter((value) => value.length > TEXT_CHARACTERS && / /.test(value)).length > sampled.length / 2;
  if (isText) return 'free text';
  return [...distinct][0]!.startsWith('{') ? 'nested' : null;
}

/** With the item where the item determines it, else with the user, whose features are read row by row. */
function sideOf(
  column: ColumnProfile,
  users: ColumnProfile,
  items: ColumnProfile,
): { side: 'user' | 'item'; why: string } {
  const byItem = determinedBy(items, column);
  const byUser = determinedBy(users, column);
  const looksItem = isItemName(wordsOf(column.name));
  const fitsItem = byItem === null || byItem >= DETERMINED;
  const fitsUser = byUser === null || byUser >= DETERMINED;
  if (fitsItem && (looksItem || (!fitsUser && byItem !== null))) {
    return {
      side: 'item',
      why: byItem === null ? 'with the item by its name' : 'the same whenever an item comes again',
    };
  }
  if (byUser === null) return { side: 'user', why: 'with the user, read row by row' };
  return { side: 'user', why: fitsUser ? 'the same whenever a user comes again' : 'changes from row to row' };
}

/** The first word that tells decides; lists of clicks are a user's, whatever was clicked. */
function isItemName(words: readonly string[]): boolean {
  if (words.includes('list') || words.includes('click')) return false;
  const telling = words.find((word) => ITEM_WORDS.includes(word) || USER_WORDS.includes(word));
  return telling !== undefined && ITEM_WORDS.includes(telling);
}

/** Share of an owner's later rows with the value of its first row; null where too few owners come again to tell. */
function determinedBy(owners: ColumnProfile, column: ColumnProfile): number | null {
  const first = new Map<string, string | null>();
  let again = 0;
  let same = 0;
  for (let row = 0; row < owners.values.length; row++) {
    const owner = owners.values[row];
    if (owner === null || owner === undefined) continue;
    const value = column.values[row] ?? null;
    const known = first.get(owner);
    if (known === undefined) first.set(owner, value);
    else {
      again++;
      if (known === value) same++;
    }
  }
  return again < 20 ? null : same / again;
}

/** The separator that most columns are split by. */
function commonSeparator(columns: readonly ColumnProfile[]): string | null {
  const counts = SEPARATORS.map((separator) => columns.filter((column) => isList(column, separator)).length);
  const most = Math.max(...counts);
  return most === 0 ? null : SEPARATORS[counts.indexOf(most)]!;
}

function isList(column: ColumnProfile, separator: string): boolean {
  const { distinct, name } = column;
  if (isJsonList(column)) return false;
  const values = [...distinct].slice(0, 2000);
  const split = values.filter((value) => value.includes(separator));
  if (split.length < Math.max(1, values.length * 0.2) || isNumeric(column) || timeFormat(column) !== null) return false;
  const parts = split.flatMap((value) => value.split(separator));
  if (parts.some((part) => part === '')) return false;
  // words are text, ids are a list
  if (separator === ' ' || separator === ',') return parts.every((part) => /^[\w.-]*\d[\w.-]*$/.test(part));
  return !/title|name/i.test(name);
}

function isJsonList({ distinct }: ColumnProfile): boolean {
  return distinct.size > 0 && [...distinct].slice(0, 100).every((value) => value.startsWith('['));
}

function pieces(column: ColumnProfile, separator: string | null): Set<string> {
  const parts = new Set<string>();
  for (const value of column.distinct) {
    const list: unknown = isJsonList(column) ? JSON.parse(value) : value.split(separator ?? '\0');
    if (Array.isArray(list)) for (const part of list) parts.add(String(part));
  }
  return parts;
}

/** Years become decades. Numbers with fractions and many values are bucketed into some twenty steps of 1, 2 or 5 times a power of ten. */
function bucketWidth(column: ColumnProfile): number | null {
  const { distinct } = column;
  if (distinct.size > BUCKETS && wordsOf(column.name).includes('year') && isNumeric(column)) return 10;
  if (distinct.size < 50 || !isNumeric(column) || ![...distinct].some((value) => /\.\d*[1-9]/.test(value))) return null;
  const numbers = [...distinct].map(Number).sort((a, b) => a - b);
  const range = numbers[Math.floor(numbers.length * 0.95)]! - numbers[Math.floor(numbers.length * 0.05)]!;
  const power = 10 ** Math.floor(Math.log10(range / BUCKETS));
  const step = [1, 2, 5, 10].find((factor) => factor * power * BUCKETS >= range) ?? 10;
  return Number((step * power).toPrecision(1));
}
