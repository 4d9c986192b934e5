import type { BadDaySlice } from './card.js';
import { RankingReference } from './ranking-reference.js';
import { type Estimate, NO_EXCESS, SliceMoments } from './slice-moments.js';
import type { SliceNames } from './slice-names.js';
import type { WatchedRow } from './watched-row.js';

/** Standard errors by which a slice must have got worse beyond the others; some hundred slices are looked at. */
const NAMED_Z = 4;
/** Rows without which a slice is not looked at, nor what it was like before. */
const MIN_ROWS = 50;
/** A slice of more of the rows has nothing to be held against. */
const WHOLE = 0.95;
/** A slice whose share has grown by this factor has taken over. */
const GROWN = 2;
/** Share of the fall that would not be there if the slice's rows were as the others. */
const MIN_EXPLAINED = 1 / 3;
/** Slices named. */
const MOST_NAMED = 3;

export interface Blame {
  readonly slices: readonly BadDaySlice[];
  /** The first row from which on it is worse. */
  readonly first: WatchedRow;
}

interface Suspect {
  readonly slice: number;
  readonly z: number;
}

/**
 * Which slice's rows got worse beyond what the others did, and from which row on. A slice's mean excess error is held against
 * what it was and against what became of the rows beside it. A slice that has come or grown (a new schema version, a value
 * at which a feature is stuck) is held against what everybody's rows were, and has none beside it where it is nearly all.
 */
export function blame(before: readonly WatchedRow[], after: readonly WatchedRow[], names: SliceNames): Blame {
  const reference = new RankingReference(before);
  const then = new SliceMoments(before, reference, names.limit);
  const now = new SliceMoments(after, reference, names.limit);
  const suspects: Suspect[] = [];
  for (let slice = 0; slice < names.limit; slice++) {
    const z = suspicion(slice, then, now);
    if (z !== null && z >= NAMED_Z) suspects.push({ slice, z });
  }
  suspects.sort((a, b) => b.z - a.z || now.rowsOf(a.slice) - now.rowsOf(b.slice) || byName(names, a.slice, b.slice));
  const rows = [...before, ...after].sort((a, b) => a.sequence - b.sequence);
  return {
    slices: suspects.slice(0, MOST_NAMED).map(({ slice, z }) => ({
      ...names.nameOf(slice),
      shareBefore: then.rowsOf(slice) / then.rows,
      shareAfter: now.rowsOf(slice) / now.rows,
      errorBefore: then.errorOf(slice),
      errorAfter: now.errorOf(slice),
      z,
    })),
    first: firstOf(rows, reference, suspects[0]?.slice ?? null, then, now),
  };
}

/** By how many standard errors the slice's rows got worse beyond the others'; null where that cannot be said, or is little. */
function suspicion(slice: number, then: SliceMoments, now: SliceMoments): number | null {
  if (now.rowsOf(slice) < MIN_ROWS) return null;
  const share = now.rowsOf(slice) / now.rows;
  const isUsual = !hasGrown(slice, then, now);
  if (share > WHOLE && isUsual) return null;
  const isKnown = isUsual && then.rowsOf(slice) >= MIN_ROWS;
  const own = change(now.excessOf(slice), isKnown ? then.excessOf(slice) : NO_EXCESS);
  const beside =
    share > WHOLE ? NO_EXCESS : change(now.excessBeside(slice), isKnown ? then.excessBeside(slice) : NO_EXCESS);
  const worse = change(own, beside);
  if (share * worse.mean < MIN_EXPLAINED * now.excess.mean || worse.variance === 0) return null;
  return worse.mean / Math.sqrt(worse.variance);
}

function hasGrown(slice: number, then: SliceMoments, now: SliceMoments): boolean {
  return now.rowsOf(slice) / now.rows >= (GROWN * then.rowsOf(slice)) / then.rows;
}

function change(now: Estimate, then: Estimate): Estimate {
  return { mean: now.mean - then.mean, variance: now.variance + then.variance };
}

/**
 * The row from which on the change is likeliest to have been there: where the slice has come or taken over, by its share;
 * else by the errors of its rows. `slice` null: of all rows.
 */
function firstOf(
  rows: readonly WatchedRow[],
  reference: RankingReference,
  slice: number | null,
  then: SliceMoments,
  now: SliceMoments,
): WatchedRow {
  if (slice === null) return onset(rows, (row) => reference.excessOf(row));
  const isOf = (row: WatchedRow): boolean => row.slices.includes(slice);
  if (!hasGrown(slice, then, now)) return onset(rows.filter(isOf), (row) => reference.excessOf(row));
  const from = then.rowsOf(slice) === 0 ? 0 : rows.indexOf(onset(rows, (row) => (isOf(row) ? 1 : 0)));
  return rows.slice(from).find(isOf)!;
}

/** Where a sequence's mean changes once (least squares): the first row of the second part. */
function onset(rows: readonly WatchedRow[], measure: (row: WatchedRow) => number): WatchedRow {
  const values = rows.map(measure);
  const total = values.reduce((sum, value) => sum + value, 0);
  let best = Number.NEGATIVE_INFINITY;
  let at = 0;
  let sum = 0;
  for (let n = 1; n < values.length; n++) {
    sum += values[n - 1]!;
    const rise = (total - sum) / (values.length - n) - sum / n;
    // between the two parts' means, squared, times rows: what the split explains
    const explained = rise <= 0 ? 0 : (rise * rise * n * (values.length - n)) / values.length;
    if (explained > best) {
      best = explained;
      at = n;
    }
  }
  return rows[at] ?? rows[0]!;
}

function byName(names: SliceNames, a: number, b: number): number {
  const [x, y] = [names.nameOf(a), names.nameOf(b)];
  return `${x.dimension}=${x.value}` < `${y.dimension}=${y.value}` ? -1 : 1;
}
