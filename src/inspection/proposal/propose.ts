import { basename } from 'node:path';
import { compileTimeParser } from '../../sources/files/event-time.js';
import type { FoundLog, FoundLogs } from './find-logs.js';
import type { Guess } from './guess.js';
import { type Decider, type LogProposal, named, proposeLog } from './propose-log.js';

/** A configuration with its reasons; null keeps the default. */
export interface Proposal {
  readonly logs: readonly LogProposal[];
  readonly ignored: readonly string[];
  readonly sharedFeatures: readonly Guess<string>[];
  readonly historyLength: Guess<number>;
  readonly attributionWindowMs: Guess<number> | null;
  /** Rows come so slowly that steps wait for days and windows are counted in clicks alone. */
  readonly slowLog: string | null;
}

const DAY_MS = 86_400_000;
const SLOW_ROWS_A_DAY = 2000;
const ENOUGH_ROWS = 200;
/** How much smaller gzip makes a log, roughly. */
const GZIP_RATIO = 4;
const COMMON_SHARE = 0.2;
const USUAL_HISTORY = 20;
const SHORT_HISTORY = 10;
const WINDOWS_MS = [600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, DAY_MS, 7 * DAY_MS];

/** Looks at the logs' first records and proposes; asks `decider` for what matters. */
export async function propose({ logs, ignored }: FoundLogs, decider: Decider): Promise<Proposal> {
  const proposals: LogProposal[] = [];
  for (const log of await settleDomains(logs, decider)) proposals.push(await proposeLog(log, decider));
  return {
    logs: proposals,
    ignored,
    sharedFeatures: sharedFeatures(proposals),
    historyLength: historyLength(proposals),
    attributionWindowMs: attributionWindow(proposals),
    slowLog: slowLog(proposals),
  };
}

async function settleDomains(logs: readonly FoundLog[], decider: Decider): Promise<readonly FoundLog[]> {
  const [target, source] = logs;
  if (target === undefined || source === undefined) return logs;
  const nameOf = ({ files }: FoundLog) => basename(files[0]!);
  const guess = { value: nameOf(target), why: target.domain.why };
  const chosen = await decider.choose('log of the target domain (ads)', guess, [nameOf(target), nameOf(source)]);
  if (chosen === guess.value) return logs;
  const why = 'as you said';
  return [
    { ...source, domain: { value: 'target', why } },
    { ...target, domain: { value: 'source', why } },
  ];
}

/** Item features that both logs have under one name, with values in common. */
function sharedFeatures(logs: readonly LogProposal[]): Guess<string>[] {
  const [a, b] = logs;
  if (a === undefined) return [];
  const own = (log: LogProposal) => log.features.features.filter(({ side }) => side === 'item');
  // one log of both domains: the column is the same one, and so are its values
  if (b === undefined) return own(a).map(({ name }) => ({ value: name, why: 'the same column in both domains' }));
  return own(a).flatMap((feature) => {
    const twin = own(b).find(({ name, divideBy }) => name === feature.name && divideBy === feature.divideBy);
    if (twin === undefined) return [];
    const common = [...feature.values].filter((value) => twin.values.has(value)).length;
    const fewer = Math.min(feature.values.size, twin.values.size);
    if (common < COMMON_SHARE * fewer || common === 0) return [];
    return [{ value: feature.name, why: `${common} of ${fewer} values are in both` }];
  });
}

/** Shorter than usual where that is enough for nine users in ten. */
function historyLength(logs: readonly LogProposal[]): Guess<number> {
  const perUser = logs.flatMap((log) => {
    const clicks = new Map<string, number>();
    const users = named(log.profiles, log.userId.value).values;
    users.forEach((user, row) => {
      if (user !== null && isClick(log, row)) clicks.set(user, (clicks.get(user) ?? 0) + 1);
    });
    return [...clicks.values()];
  });
  const sorted = perUser.sort((x, y) => x - y);
  const most = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  const isKnown = logs.every((log) => log.isWhole && log.sample.rows.length >= ENOUGH_ROWS);
  if (isKnown && most <= SHORT_HISTORY) {
    return { value: SHORT_HISTORY, why: `nine in ten users have at most ${most} clicks in a log` };
  }
  const why =
    most > USUAL_HISTORY ? `one user in ten has more than ${most} sampled clicks` : 'the sample is too short to tell';
  return { value: USUAL_HISTORY, why: `the usual length; ${why}` };
}

function isClick({ label, kind, profiles }: LogProposal, row: number): boolean {
  if (kind !== null) return kind.value.click.includes(named(profiles, kind.value.column).values[row] ?? '');
  const rule = label.value;
  if (!('column' in rule)) return true;
  const value = named(profiles, rule.column).values[row];
  if (value === null || value === undefined) return false;
  return 'equals' in rule ? rule.equals.includes(value) : Number(value) >= rule.atLeast;
}

/** The round window that holds 99 of 100 sampled clicks, where clicks are rows of their own. */
function attributionWindow(logs: readonly LogProposal[]): Guess<number> | null {
  const delays: number[] = [];
  for (const log of logs) {
    if (log.kind === null || log.impressionId === null) continue;
    const ids = named(log.profiles, log.impressionId.value).values;
    const kinds = named(log.profiles, log.kind.value.column).values;
    const times = timesOf(log);
    const shown = new Map<string, number>();
    ids.forEach((id, row) => {
      if (id !== null && log.kind!.value.impression.includes(kinds[row] ?? '')) shown.set(id, times[row]!);
    });
    ids.forEach((id, row) => {
      const start = id === null || !isClick(log, row) ? undefined : shown.get(id);
      if (start !== undefined) delays.push(times[row]! - start);
    });
  }
  if (delays.length === 0) return null;
  delays.sort((x, y) => x - y);
  const most = delays[Math.floor(delays.length * 0.99)]!;
  const value = WINDOWS_MS.find((windowMs) => windowMs >= most) ?? WINDOWS_MS.at(-1)!;
  return { value, why: `99 of 100 sampled clicks come within ${Math.ceil(most / 1000)} s of their impression` };
}

function slowLog(logs: readonly LogProposal[]): string | null {
  let perDay = 0;
  for (const log of logs) {
    const times = timesOf(log).filter((time) => !Number.isNaN(time));
    if (times.length < ENOUGH_ROWS) return null;
    const isInOrder = times.every((time, i) => i === 0 || time >= times[i - 1]!);
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const time of times) {
      first = Math.min(first, time);
      last = Math.max(last, time);
    }
    const rows = isInOrder ? times.length : expectedRows(log);
    perDay += rows / Math.max(1 / 24, (last - first) / DAY_MS);
  }
  return perDay < SLOW_ROWS_A_DAY ? `about ${Math.ceil(perDay)} rows a day` : null;
}

function expectedRows({ log, sample, isWhole }: LogProposal): number {
  if (isWhole) return sample.rows.length;
  const characters = sample.rows.reduce(
    (sum, row) => sum + row.reduce((length, value) => length + (value?.length ?? 0) + 1, 0),
    0,
  );
  const ratio = log.files[0]!.endsWith('.gz') ? GZIP_RATIO : 1;
  return Math.max(sample.rows.length, Math.round((log.bytes * ratio * sample.rows.length) / Math.max(1, characters)));
}

/** [rows], NaN where a record has no time. */
function timesOf({ profiles, eventTime }: LogProposal): number[] {
  const parse = compileTimeParser({ format: eventTime.value.format, timeZone: 'UTC' });
  return named(profiles, eventTime.value.column).values.map((value) => parse(value));
}
