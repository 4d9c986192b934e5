import { compileTimeParser } from '../../sources/files/event-time.js';
import { type ColumnProfile, examplesOf } from './column-profile.js';
import type { Guess } from './guess.js';

export interface TimeColumn {
  readonly column: string;
  readonly format: string;
}

/** Plain names, likeliest first. */
const TIME_NAMES = [
  'eventtimems',
  'eventtime',
  'eventtimestamp',
  'timestamp',
  'timestampms',
  'timems',
  'ts',
  'time',
  'datetime',
  'unixreviewtime',
  'eet',
  'ptd',
  'clicktimestamp',
  'impressiontime',
  'occurredat',
  'createdat',
  'created',
  'date',
  'dt',
];
/** Digits that could also be epoch time come with their year first in patterns. */
const DIGIT_PATTERNS = ['yyyyMMddHHmmssSSS', 'yyyyMMddHHmmss', 'yyyyMMddHHmm', 'yyyyMMddHH', 'yyyyMMdd'];
const OTHER_PATTERNS = [
  'yyyy/MM/dd HH:mm:ss',
  'yyyy/MM/dd HH:mm',
  'yyyy/MM/dd',
  'yyyy.MM.dd HH:mm:ss',
  'yyyyMMdd HH:mm:ss',
];
const EARLIEST_MS = Date.UTC(1990, 0);
const LATEST_MS = Date.UTC(2100, 0);
const MAX_TRIED = 500;

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  ms: 'milliseconds since 1970',
  s: 'seconds since 1970',
  iso: 'ISO 8601',
};

/** The column of the event time: by name, else the only one that holds times. */
export function guessTime(columns: readonly ColumnProfile[]): Guess<TimeColumn> | null {
  const named = TIME_NAMES.flatMap((name) => columns.filter(({ plainName }) => plainName === name));
  for (const column of [...named, ...columns]) {
    const format = timeFormat(column);
    if (format !== null) return describe(column, format);
  }
  const counter = named.find(
    (column) => column.filled > 0 && [...column.distinct].every((value) => /^\d+$/.test(value)),
  );
  if (counter === undefined) return null;
  return {
    value: { column: counter.name, format: 's' },
    why: `by its name; the numbers (${examplesOf(counter)}) are not times since 1970, so they are taken for seconds from a start of their own`,
  };
}

/** A column that should hold the times by its name, though nothing here can read them. */
export function namedLikeTime(columns: readonly ColumnProfile[]): Guess<string> | null {
  const column = columns.find(({ plainName }) => TIME_NAMES.includes(plainName));
  return column === undefined ? null : { value: column.name, why: 'by its name' };
}

/** The guess for a column that the user named. */
export function guessTimeOf(column: ColumnProfile): Guess<TimeColumn> | null {
  const format = timeFormat(column);
  return format === null ? null : describe(column, format);
}

/** The one format in which all values are times between 1990 and 2100; null where there is none. */
export function timeFormat({ distinct }: ColumnProfile): string | null {
  const values = [...distinct].slice(0, MAX_TRIED);
  if (values.length === 0) return null;
  const candidates = values.every((value) => /^\d+$/.test(value))
    ? [...DIGIT_PATTERNS.filter(({ length }) => values.every((value) => value.length === length)), 'ms', 's']
    : ['iso', ...OTHER_PATTERNS, 'ms', 's'];
  return candidates.find((format) => areTimes(values, format)) ?? null;
}

function areTimes(values: readonly string[], format: string): boolean {
  const parse = compileTimeParser({ format, timeZone: 'UTC' });
  return values.every((value) => {
    const ms = parse(value);
    return ms >= EARLIEST_MS && ms <= LATEST_MS;
  });
}

function describe(column: ColumnProfile, format: string): Guess<TimeColumn> {
  return {
    value: { column: column.name, format },
    why: `${examplesOf(column)} read as ${FORMAT_WORDS[format] ?? format}`,
  };
}
