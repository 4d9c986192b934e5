import { DadinError, type Domain, domainOf } from '../core/index.js';
import { type AucDifference, aucDifference, meanDifference, type PairedDifference } from '../evaluation/index.js';
import type { Prediction } from './read-predictions.js';

type ComparedSlice = 'all' | 'last 20 %' | 'cold users' | 'warm users' | 'new items';

/** What two learners made of the same impressions. Differences are first less second, each with its 95 % interval. */
export interface SliceComparison {
  readonly domain: Domain;
  readonly slice: ComparedSlice;
  readonly rows: number;
  readonly clicks: number;
  /** Null with fewer than two rows of a class. */
  readonly auc: AucDifference | null;
  /** Nats a row: below 0 the first predicts better. Null with fewer than two rows. */
  readonly logLoss: PairedDifference | null;
}

export interface PredictionsComparison {
  /** Rows of both files. */
  readonly rows: number;
  readonly onlyInFirst: number;
  readonly onlyInSecond: number;
  /** Rows at the head that are left out of every slice but count as earlier impressions. */
  readonly warmUpRows: number;
  readonly slices: readonly SliceComparison[];
}

export interface CompareOptions {
  /** Share of the rows left out at the head, in [0, 1). */
  readonly warmUp: number;
  /** A user with fewer earlier target impressions is cold. */
  readonly coldImpressions: number;
  /** An item with fewer earlier impressions in its domain is new. */
  readonly newItemImpressions: number;
}

const SLICES: readonly ComparedSlice[] = ['all', 'last 20 %', 'cold users', 'warm users', 'new items'];
/** Scores of exactly 0 or 1 would lose infinitely. */
const CLIP = 1e-7;

/**
 * Compares the scores of two prediction files row by row. A row is found in the other file by domain, user, item and event
 * time; rows that are equal in these are matched in their order. Slices follow from the first file's order.
 *
 * @throws DadinError DADIN_USAGE where they share no row, or disagree about the label of one
 */
export function comparePredictions(
  first: readonly Prediction[],
  second: readonly Prediction[],
  options: CompareOptions,
): PredictionsComparison {
  const other = matched(first, second);
  const context = contexts(first, options);
  const warmUpRows = Math.floor(first.length * options.warmUp);
  const lastFrom = first.length - Math.floor(first.length / 5);
  const isIn = (slice: ComparedSlice, i: number): boolean => {
    if (slice === 'all') return true;
    if (slice === 'last 20 %') return i >= lastFrom;
    if (slice === 'new items') return context.newItem[i] === 1;
    return (context.cold[i] === 1) === (slice === 'cold users');
  };
  const both = other.reduce((sum, row) => sum + (row === null ? 0 : 1), 0);
  const slices = ([1, 0] as const).flatMap((domain) =>
    SLICES.map((slice) => {
      const rows: [Prediction, Prediction][] = [];
      for (let i = warmUpRows; i < first.length; i++) {
        const row = other[i];
        if (row !== null && first[i]!.domain === domain && isIn(slice, i)) rows.push([first[i]!, row!]);
      }
      return compareSlice(domainOf(domain), slice, rows);
    }),
  );
  return {
    rows: both,
    onlyInFirst: first.length - both,
    onlyInSecond: second.length - both,
    warmUpRows,
    slices: slices.filter(({ rows }) => rows > 0),
  };
}

function matched(first: readonly Prediction[], second: readonly Prediction[]): (Prediction | null)[] {
  const places = new Map<string, Prediction[]>();
  for (let i = second.length - 1; i >= 0; i--) {
    const key = keyOf(second[i]!);
    const rows = places.get(key);
    if (rows === undefined) places.set(key, [second[i]!]);
    else rows.push(second[i]!);
  }
  let both = 0;
  const other = first.map((row, i) => {
    const found = places.get(keyOf(row))?.pop() ?? null;
    if (found === null) return null;
    both++;
    if (found.label !== row.label) {
      throw new DadinError('DADIN_USAGE', `the files disagree about the label of row ${i + 1} of the first`, {
        step: 'compare',
        got: `${row.label} and ${found.label} for user ${row.userId}, item ${row.itemId} at ${row.eventTimeMs}`,
        remedy: 'compare runs over the same log with the same labels',
      });
    }
    return found;
  });
  if (both === 0) {
    throw new DadinError('DADIN_USAGE', 'the files have no impression in common', {
      step: 'compare',
      expected: 'two runs over the same log: equal domain, userId, itemId and eventTime',
    });
  }
  return other;
}

function keyOf({ domain, userId, itemId, eventTimeMs }: Prediction): string {
  return `${domain} ${eventTimeMs} ${userId.length} ${userId} ${itemId}`;
}

/** For every row, whether its user is cold and its item new by impressions of strictly smaller time. */
function contexts(
  rows: readonly Prediction[],
  { coldImpressions, newItemImpressions }: CompareOptions,
): { cold: Uint8Array; newItem: Uint8Array } {
  const order = Uint32Array.from(rows, (_, i) => i).sort((a, b) => rows[a]!.eventTimeMs - rows[b]!.eventTimeMs);
  const users = new EarlierCounts();
  const items = new EarlierCounts();
  const cold = new Uint8Array(rows.length);
  const newItem = new Uint8Array(rows.length);
  for (const i of order) {
    const { domain, userId, itemId, eventTimeMs } = rows[i]!;
    if (users.before(userId, eventTimeMs, domain === 1) < coldImpressions) cold[i] = 1;
    if (items.before(`${domain} ${itemId}`, eventTimeMs, true) < newItemImpressions) newItem[i] = 1;
  }
  return { cold, newItem };
}

class EarlierCounts {
  readonly #seen = new Map<string, { before: number; at: number; timeMs: number }>();

  /** Counted sights of the key at strictly smaller times; this one counts where `counts` says so. */
  before(key: string, timeMs: number, counts: boolean): number {
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { before: 0, at: 0, timeMs };
      this.#seen.set(key, seen);
    } else if (seen.timeMs !== timeMs) {
      seen.before += seen.at;
      seen.at = 0;
      seen.timeMs = timeMs;
    }
    if (counts) seen.at++;
    return seen.before;
  }
}

function compareSlice(domain: Domain, slice: ComparedSlice, rows: [Prediction, Prediction][]): SliceComparison {
  const labels = Uint8Array.from(rows, ([row]) => row.label);
  const a = Float64Array.from(rows, ([row]) => row.score);
  const b = Float64Array.from(rows, ([, row]) => row.score);
  const losses = (scores: Float64Array) => scores.map((score, i) => loss(score, labels[i]!));
  return {
    domain,
    slice,
    rows: rows.length,
    clicks: labels.reduce((sum, label) => sum + label, 0),
    auc: aucDifference(a, b, labels),
    logLoss: meanDifference(losses(a), losses(b)),
  };
}

function loss(score: number, label: number): number {
  const p = Math.min(1 - CLIP, Math.max(CLIP, score));
  return -Math.log(label === 1 ? p : 1 - p);
}
