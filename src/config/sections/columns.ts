import { z } from 'zod';
import { freeKey, learningKey, partKey, text } from '../key.js';

const list = z.array(text);
const listValue = z.boolean().default(false);
const divideBy = z.number().gt(0).nullable().default(null);

const featureColumn = z
  .union([
    text,
    z.strictObject({
      column: partKey(text, 'Column that holds the feature.'),
      list: partKey(listValue, 'The column holds several values, split at `listSeparator`.'),
      divideBy: partKey(divideBy, 'Integer division of a numeric column: 10 turns a year into its decade.'),
    }),
  ])
  .transform((value) => (typeof value === 'string' ? { column: value, list: false, divideBy: null } : value));

/** In name order, so that the order of writing changes neither the digest nor the sums over features. */
const features = z
  .record(text, featureColumn)
  .transform((record) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))))
  .prefault({});

const TIME_PATTERN =
  /^yyyy[^a-zA-Z]*MM[^a-zA-Z]*dd(?:[^a-zA-Z]*HH(?:[^a-zA-Z]*mm(?:[^a-zA-Z]*ss(?:[^a-zA-Z]*SSS)?)?)?)?$/;

const timeFormat = text
  .refine((format) => format === 'ms' || format === 's' || format === 'iso' || TIME_PATTERN.test(format), {
    message: 'must be ms, s, iso or a pattern of yyyy MM dd HH mm ss SSS in this order, as in "yyyyMMddHHmm"',
  })
  .default('ms');

const timeZone = z
  .string()
  .regex(/^(UTC|[+-]\d{2}:\d{2})$/, { error: 'must be UTC or a fixed offset as in "+08:00"' })
  .default('UTC');

const domainRule = z.union([
  z.enum(['target', 'source']),
  z.strictObject({
    column: partKey(text, 'Column that tells the domain.'),
    target: partKey(list.min(1), 'Values that mean the target domain.'),
    source: partKey(list.min(1), 'Values that mean the source domain.'),
  }),
]);

const kindRule = z
  .strictObject({
    column: partKey(text, 'Column that tells impressions from clicks.'),
    impression: partKey(list.min(1), 'Values that mean an impression.'),
    click: partKey(list.min(1), 'Values that mean a click.'),
  })
  .nullable()
  .default(null);

const labelRule = z.union([
  z.strictObject({
    column: partKey(text, 'Column of the label.'),
    equals: partKey(list.min(1), 'Values that mean clicked.'),
    negatives: partKey(
      list.min(1).nullable().default(null),
      'Values that mean not clicked; others are bad records. null: every other value.',
    ),
  }),
  z.strictObject({
    column: partKey(text, 'Numeric column of the label.'),
    atLeast: partKey(z.number(), 'Clicked from this value on.'),
  }),
  z.strictObject({ always: partKey(z.literal('clicked'), 'Every row is a click (a log of clicks only).') }),
  z.strictObject({ later: partKey(z.literal(true), 'Told later by a click event with the same impression id.') }),
]);

const eventTime = z
  .strictObject({
    column: partKey(text, 'Column of the event time.'),
    format: partKey(timeFormat, 'ms or s since the epoch, iso, or a pattern of yyyy MM dd HH mm ss SSS.'),
    timeZone: partKey(timeZone, 'Zone of a time without one: UTC or a fixed offset such as "+08:00".'),
  })
  .nullable()
  .default(null);

const columns = z.strictObject({
  eventId: learningKey(
    text.nullable().default(null),
    'Column of the event id, by which duplicates are dropped. null: the row number in the file.',
  ),
  kind: learningKey(kindRule, 'Tells impressions from clicks in one log. null: every row is an impression.'),
  impressionId: learningKey(
    text.nullable().default(null),
    'Column of the impression id that joins a click to its impression. null: the event id.',
  ),
  userId: learningKey(text, 'Column of the user id; users are the same in both domains.'),
  itemId: learningKey(text, 'Column of the item id.'),
  eventTime: learningKey(
    eventTime,
    'Event time: {column, format, timeZone}; format is ms (default), s, iso or a pattern such as "yyyyMMddHHmm". A source without one is refused.',
  ),
  label: learningKey(
    labelRule,
    'Whether the row was clicked: {column, equals, negatives}, {column, atLeast}, {always: clicked} or {later: true}.',
  ),
  userFeatures: learningKey(
    features,
    'User features: name -> column, or {column, list, divideBy} for a list of values or integer bucketing.',
  ),
  itemFeatures: learningKey(features, 'Item features, written as the user features are.'),
});

/** One entry of `input.files`: the files of one log, with the mapping of its columns. */
export const fileInput = z.strictObject({
  domain: learningKey(
    domainRule,
    'Domain of the rows: target (ads), source (news), or {column, target: [values], source: [values]}.',
  ),
  paths: freeKey(
    z.array(text).min(1),
    'Files or globs, read in name order as one log, relative to the configuration file. May be gzipped (.gz).',
  ),
  format: freeKey(
    z.enum(['auto', 'csv', 'jsonl', 'avro', 'parquet']).default('auto'),
    'File format; auto decides by the name.',
  ),
  delimiter: freeKey(z.string().length(1).default(','), 'Delimiter of CSV files, one character.'),
  listSeparator: learningKey(
    text.nullable().default(null),
    'Splits the values of columns marked `list` in text. null: no split (JSON and Avro lists need none).',
  ),
  columns,
  sort: learningKey(
    z.enum(['auto', 'never', 'always']).default('auto'),
    'Sorting by event time on the way in: auto sorts a log that turns out not to be in order, never takes it as it is.',
  ),
});
