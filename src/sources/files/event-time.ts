import { DadinError } from '../../core/index.js';
import type { EventTimeColumn } from './file-input-options.js';

/** Milliseconds since the epoch of a field's value; NaN when it is not a time of the configured format. */
export type TimeParser = (value: unknown) => number;

const DAY_MS = 86_400_000;
/** As in the codecs: beyond this, times do not survive Avro. */
const MAX_TIME_MS = 2 ** 52 - 1;
const PATTERN = /^yyyy[^a-zA-Z]*MM[^a-zA-Z]*dd(?:[^a-zA-Z]*HH(?:[^a-zA-Z]*mm(?:[^a-zA-Z]*ss(?:[^a-zA-Z]*SSS)?)?)?)?$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/**
 * @throws DadinError DADIN_CONFIG_INVALID for a format or zone that is none.
 */
export function compileTimeParser({ format, timeZone }: Pick<EventTimeColumn, 'format' | 'timeZone'>): TimeParser {
  const offsetMs = zoneOffsetMs(timeZone);
  if (format === 'ms') return (value) => dateOr(value, epochTime(value, 1));
  if (format === 's') return (value) => dateOr(value, epochTime(value, 1000));
  if (format === 'iso')
    return (value) => dateOr(value, typeof value === 'string' ? isoTime(value, offsetMs) : Number.NaN);
  if (PATTERN.test(format)) return patternParser(format, offsetMs);
  throw new DadinError('DADIN_CONFIG_INVALID', `"${format}" is not a time format`, {
    step: 'read',
    got: format,
    expected: 'ms, s, iso, or a pattern of yyyy MM dd HH mm ss SSS in this order',
    remedy: 'set columns.eventTime.format, for example to "yyyyMMddHHmm"',
  });
}

/** Columnar files carry typed times, which need no format. */
function dateOr(value: unknown, otherwise: number): number {
  return value instanceof Date ? value.getTime() : otherwise;
}

function zoneOffsetMs(timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const match = /^([+-])(\d\d):(\d\d)$/.exec(timeZone);
  if (match !== null) return (match[1] === '-' ? -60_000 : 60_000) * (Number(match[2]) * 60 + Number(match[3]));
  throw new DadinError('DADIN_CONFIG_INVALID', `"${timeZone}" is not a fixed time zone`, {
    step: 'read',
    got: timeZone,
    expected: 'UTC, or an offset such as "+08:00"',
    remedy: 'zones with daylight saving are ambiguous in a log: convert its times, or give the offset',
  });
}

function epochTime(value: unknown, unitMs: number): number {
  let time: number;
  if (typeof value === 'string') time = digits(value, 0, value.length);
  else if (typeof value === 'bigint' || typeof value === 'number') time = Number(value);
  else return Number.NaN;
  if (time < 0 && typeof value === 'string') time = NUMBER.test(value) ? Number(value) : Number.NaN;
  time = Math.round(time * unitMs);
  return Math.abs(time) <= MAX_TIME_MS ? time : Number.NaN;
}

/** The number written in [from, to), at most 15 digits; -1 when anything else stands there. */
function digits(text: string, from: number, to: number): number {
  if (to - from < 1 || to - from > 15 || to > text.length) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isoTime(text: string, offsetMs: number): number {
  const match = ISO.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const time = civilTime(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.padEnd(3, '0').slice(0, 3)),
  );
  if (zone === undefined) return time - offsetMs;
  return zone === 'Z' ? time : time - zoneOffsetMs(zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone);
}

const FIELDS = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss', 'SSS'] as const;

/** Every field stands at a fixed place, so a time costs one pass over its digits. */
function patternParser(format: string, offsetMs: number): TimeParser {
  const places = FIELDS.map((field) => format.indexOf(field));
  const fieldAt = new Uint8Array(format.length);
  places.forEach((at, i) => {
    if (at >= 0) fieldAt.fill(1, at, at + FIELDS[i]!.length);
  });
  const literals = [...format].flatMap((char, at) => (fieldAt[at] === 0 ? [{ at, code: char.charCodeAt(0) }] : []));
  const [year, month, day, hour, minute, second, milli] = places as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return (value) => {
    if (value instanceof Date) return value.getTime();
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
    if (typeof text !== 'string' || text.length !== format.length) return Number.NaN;
    for (const { at, code } of literals) if (text.charCodeAt(at) !== code) return Number.NaN;
    const time = civilTime(
      digits(text, year, year + 4),
      digits(text, month, month + 2),
      digits(text, day, day + 2),
      hour < 0 ? 0 : digits(text, hour, hour + 2),
      minute < 0 ? 0 : digits(text, minute, minute + 2),
      second < 0 ? 0 : digits(text, second, second + 2),
      milli < 0 ? 0 : digits(text, milli, milli + 3),
    );
    return time - offsetMs;
  };
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Proleptic Gregorian, no leap seconds; NaN for a date or a time of day that does not exist. */
function civilTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  milli: number,
): number {
  if (year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milli < 0) {
    return Number.NaN;
  }
  if (month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (month === 2 && leap ? 29 : MONTH_DAYS[month - 1]!)) return Number.NaN;
  // Days since 1970-01-01 with years that begin in March, so that the leap day is the last of its year.
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days =
    shifted * 365 +
    Math.floor(shifted / 4) -
    Math.floor(shifted / 100) +
    Math.floor(shifted / 400) +
    dayOfYear -
    719_468;
  return days * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000 + milli;
}
