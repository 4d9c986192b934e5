import { basename } from 'node:path';
import { DadinError, type Domain } from '../../core/index.js';
import { type FileSample, sampleRecords } from '../../sources/files/index.js';
import { type ColumnProfile, examplesOf, profileColumns } from './column-profile.js';
import type { FoundLog } from './find-logs.js';
import type { Guess } from './guess.js';
import { type FeatureGuess, guessFeatures } from './guess-features.js';
import {
  type DomainColumn,
  guessDomain,
  guessEventId,
  guessId,
  guessImpressionId,
  guessKind,
  type KindColumn,
} from './guess-ids.js';
import { guessLabel, guessLabelOf, type LabelChoice } from './guess-label.js';
import { guessTime, guessTimeOf, namedLikeTime, type TimeColumn } from './guess-time.js';
import { refuseWithoutRecords } from './no-records.js';

/** Records looked at. */
const SAMPLED_ROWS = 20_000;

/** Settles what matters: takes the guess, or asks. */
export interface Decider {
  /**
   * One of `options`, or free choice where there are none.
   *
   * @throws DadinError DADIN_USAGE where there is no guess and nobody to ask
   */
  choose(question: string, guess: Guess<string> | null, options: readonly string[]): Promise<string>;
}

/** A log with a role for every column. */
export interface LogProposal {
  readonly log: FoundLog;
  readonly sample: FileSample;
  readonly isWhole: boolean;
  readonly profiles: readonly ColumnProfile[];
  readonly domain: Guess<Domain | DomainColumn>;
  readonly userId: Guess<string>;
  readonly itemId: Guess<string>;
  readonly eventTime: Guess<TimeColumn>;
  readonly eventId: Guess<string> | null;
  readonly kind: Guess<KindColumn> | null;
  readonly impressionId: Guess<string> | null;
  readonly label: Guess<LabelChoice>;
  readonly features: FeatureGuess;
}

const NO_LABEL = 'none';
const CLICKS_ONLY = 'nothing can be learned from clicks alone: `validate` says what to do';

/** @throws DadinError DADIN_SOURCE_..., or DADIN_USAGE where a column cannot be told */
export async function proposeLog(log: FoundLog, decider: Decider): Promise<LogProposal> {
  const sample = await sampleRecords(log.files[0]!, SAMPLED_ROWS);
  await refuseWithoutRecords(log.files[0]!, sample);
  const profiles = profileColumns(sample);
  const name = basename(log.files[0]!);
  const used = new Set<string>();
  const free = () => profiles.filter((column) => !used.has(column.name));
  const settle = async (what: string, guess: Guess<string> | null): Promise<Guess<string>> => {
    const options = free().map((column) => column.name);
    const value = await decider.choose(`${name}: column of the ${what}`, guess, options);
    used.add(value);
    return value === guess?.value ? guess : { value, why: `as you said: ${examplesOf(named(profiles, value))}` };
  };

  const domain = domainOf(log, profiles, name);
  if (typeof domain.value !== 'string') used.add(domain.value.column);
  const userId = await settle('user id', guessId('userId', free()));
  const itemId = await settle('item id', guessId('itemId', free()));
  const eventTime = await settleTime(free(), name, decider);
  used.add(eventTime.value.column);
  const kind = guessKind(free());
  if (kind !== null) used.add(kind.value.column);
  const impressionId = kind === null ? null : guessImpressionId(free());
  if (impressionId !== null) used.add(impressionId.value);
  const eventId = guessEventId(free());
  if (eventId !== null) used.add(eventId.value);
  const label = kind === null ? await settleLabel(free(), name, decider) : LATER;
  if ('column' in label.value) used.add(label.value.column);
  return {
    log,
    sample,
    isWhole: log.files.length === 1 && sample.rows.length < SAMPLED_ROWS,
    profiles,
    domain,
    userId,
    itemId,
    eventTime,
    eventId,
    kind,
    impressionId,
    label,
    features: guessFeatures(free(), named(profiles, userId.value), named(profiles, itemId.value)),
  };
}

export function named(profiles: readonly ColumnProfile[], name: string): ColumnProfile {
  const column = profiles.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new DadinError('DADIN_USAGE', `there is no column ${name}`, {
    step: 'init',
    expected: profiles.map((candidate) => candidate.name).join(', '),
  });
}

const LATER: Guess<LabelChoice> = {
  value: { later: true },
  why: 'impressions and clicks are rows of their own: a click with the same impression id is told later',
};

function domainOf(log: FoundLog, profiles: readonly ColumnProfile[], name: string): Guess<Domain | DomainColumn> {
  const { value, why } = log.domain;
  if (value !== null) return { value, why };
  const guess = guessDomain(profiles);
  if (guess !== null) return guess;
  throw new DadinError('DADIN_USAGE', `${name} is one log, and none of its columns tells ads from news`, {
    step: 'init',
    got: profiles.map((column) => column.name).join(', '),
    expected: 'a column with values such as target and source, or ads and news; or two logs',
    remedy: 'give a folder or glob with one log of each domain, or add a column `domain` (target, source) to the log',
  });
}

async function settleTime(
  columns: readonly ColumnProfile[],
  name: string,
  decider: Decider,
): Promise<Guess<TimeColumn>> {
  const guess = guessTime(columns);
  const options = columns.map((column) => column.name);
  const column = await decider.choose(
    `${name}: column of the event time`,
    guess === null ? namedLikeTime(columns) : { value: guess.value.column, why: guess.why },
    options,
  );
  if (guess !== null && column === guess.value.column) return guess;
  const chosen = guessTimeOf(named(columns, column));
  if (chosen !== null) return chosen;
  throw new DadinError('DADIN_USAGE', `${column} holds no times that init can read`, {
    step: 'init',
    got: examplesOf(named(columns, column)),
    expected: 'ms or s since 1970, ISO 8601, or digits such as 202206030326',
    remedy:
      'convert the column (a pattern has the year first), or write columns.eventTime by hand: docs/configuration.md',
  });
}

async function settleLabel(
  columns: readonly ColumnProfile[],
  name: string,
  decider: Decider,
): Promise<Guess<LabelChoice>> {
  const found = guessLabel(columns);
  const clicksOnly: Guess<LabelChoice> = {
    value: { always: 'clicked' },
    why: `no column looks like a label, so every row counts as a click; ${CLICKS_ONLY}`,
  };
  const guess = found ?? clicksOnly;
  const guessed = 'column' in guess.value ? guess.value.column : NO_LABEL;
  const column = await decider.choose(
    `${name}: column of the label (${NO_LABEL}: every row is a click)`,
    { value: guessed, why: guess.why },
    [...columns.map((candidate) => candidate.name), NO_LABEL],
  );
  if (column === guessed) return guess;
  if (column === NO_LABEL) return { ...clicksOnly, why: `as you said, every row is a click; ${CLICKS_ONLY}` };
  const chosen = guessLabelOf(named(columns, column));
  if (chosen !== null) return chosen;
  throw new DadinError('DADIN_USAGE', `${column} holds no labels that init can read`, {
    step: 'init',
    got: examplesOf(named(columns, column)),
    expected: 'two values such as 0 and 1, or a rating',
    remedy: 'write columns.label by hand: {column, equals: [values that mean clicked]}',
  });
}
