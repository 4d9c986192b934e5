import type { AucSummary } from '../binned-auc.js';
import { BinnedAuc } from '../binned-auc.js';
import { COARSE_BINS } from '../logit-bins.js';
import { RankingReference } from './ranking-reference.js';
import type { WatchedRow } from './watched-row.js';

/** Rows kept; beyond it the oldest leave. */
const KEPT_ROWS = 16_384;
/** Newest rows that a fall is looked for in: few tell of a large one soon, many of a smaller one. */
const SPANS = [1024, 4096] as const;
/** Between two looks. */
const EVERY_ROWS = 256;
/** Rows before the newest ones, and rows of either class, without which nothing is said. */
const MIN_BEFORE = 2048;
const MIN_OF_CLASS = 50;
/** Standard errors. A day of a busy stream holds some ten thousand looks; by chance one in 300 000 says more. */
const FALL_Z = 4.5;
/** Parts of the rows before without which they say nothing of their own spread. */
const MIN_PARTS = 3;

export interface Fall {
  readonly before: readonly WatchedRow[];
  readonly after: readonly WatchedRow[];
  readonly aucBefore: number;
  readonly aucAfter: number;
  readonly z: number;
}

/** The newest rows of a span and those before them, as histograms: O(1) a row. */
interface Span {
  readonly rows: number;
  readonly after: BinnedAuc;
  readonly before: BinnedAuc;
}

/**
 * Says when the newest rows of a domain are ranked worse than those before them, beyond chance. After a fall it begins anew:
 * what came after it is what the next one is held against.
 */
export class FallWatch {
  #rows: WatchedRow[] = [];
  #head = 0;
  #spans = newSpans();
  readonly #dropped: (row: WatchedRow) => void;

  /** `dropped` is told of rows that are not kept any more. */
  constructor(dropped: (row: WatchedRow) => void) {
    this.#dropped = dropped;
  }

  get rows(): readonly WatchedRow[] {
    return this.#rows.slice(this.#head);
  }

  add(row: WatchedRow): void {
    this.#count(row);
    if (this.#rows.length - this.#head <= KEPT_ROWS) return;
    const oldest = this.#rows[this.#head++]!;
    for (const { before } of this.#spans) before.remove(oldest.logit, oldest.label);
    this.#dropped(oldest);
    if (this.#head < KEPT_ROWS) return;
    this.#rows = this.#rows.slice(this.#head);
    this.#head = 0;
  }

  /** A fall that shows after the `judged`-th row of the domain; `clear` after it. */
  look(judged: number): Fall | null {
    if (judged % EVERY_ROWS !== 0) return null;
    for (const span of this.#spans) {
      if (this.#rows.length - this.#head < span.rows + MIN_BEFORE) return null;
      const fall = this.#fallOver(span);
      if (fall !== null) return fall;
    }
    return null;
  }

  clear(): void {
    for (const row of this.rows) this.#dropped(row);
    this.restore([]);
  }

  restore(rows: readonly WatchedRow[]): void {
    this.#rows = [];
    this.#head = 0;
    this.#spans = newSpans();
    for (const row of rows) this.#count(row);
  }

  #count(row: WatchedRow): void {
    this.#rows.push(row);
    for (const { rows, after, before } of this.#spans) {
      after.add(row.logit, row.label);
      const leaving = this.#rows.length - this.#head - rows - 1;
      if (leaving < 0) continue;
      const { logit, label } = this.#rows[this.#head + leaving]!;
      after.remove(logit, label);
      before.add(logit, label);
    }
  }

  #fallOver(span: Span): Fall | null {
    const before = span.before.summary();
    const after = span.after.summary();
    if (!says(before) || !says(after)) return null;
    const fall = before.auc - after.auc;
    const error = Math.hypot(before.aucSe, after.aucSe);
    if (fall < FALL_Z * error) return null;
    const rows = this.rows;
    const cut = rows.length - span.rows;
    const parts = { before: rows.slice(0, cut), after: rows.slice(cut) };
    const z = fall / Math.max(error, spreadError(parts.before, span.rows) ?? 0);
    return z < FALL_Z ? null : { ...parts, aucBefore: before.auc, aucAfter: after.auc, z };
  }
}

function newSpans(): Span[] {
  return SPANS.map((rows) => ({ rows, after: new BinnedAuc(COARSE_BINS), before: new BinnedAuc(COARSE_BINS) }));
}

function says(of: AucSummary): of is AucSummary & { auc: number; aucSe: number } {
  const { rows, positives } = of;
  return Math.min(positives, rows - positives) >= MIN_OF_CLASS && of.auc !== null && of.aucSe !== null;
}

/**
 * Standard error of so many rows against those before, by how much parts of that size differ among those before: more than
 * the formula says where rows are not independent (users come in bursts). Null with too few parts.
 */
function spreadError(before: readonly WatchedRow[], partRows: number): number | null {
  const parts = Math.floor(before.length / partRows);
  if (parts < MIN_PARTS) return null;
  const reference = new RankingReference(before);
  const means = Array.from({ length: parts }, (_, part) => {
    let sum = 0;
    for (let i = part * partRows; i < (part + 1) * partRows; i++) sum += reference.excessOf(before[i]!);
    return sum / partRows;
  });
  const centre = means.reduce((sum, mean) => sum + mean, 0) / parts;
  const variance = means.reduce((sum, mean) => sum + (mean - centre) ** 2, 0) / (parts - 1);
  return Math.sqrt(variance * (1 + 1 / parts));
}
