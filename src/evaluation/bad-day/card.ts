import type { Domain } from '../../core/index.js';

/** Why the ranking of a domain fell: told once, when the fall is beyond chance (docs/watching.md). */
export interface BadDayCard {
  readonly domain: Domain;
  /** Judged rows of the domain before it was told, and the event time of the last, ms. */
  readonly row: number;
  readonly eventTimeMs: number;
  /** Newest rows that the fall was seen in, and the rows before them that they are held against. */
  readonly rowsAfter: number;
  readonly rowsBefore: number;
  readonly aucBefore: number;
  readonly aucAfter: number;
  /** The fall over its standard error. */
  readonly z: number;
  /** What to blame, the likeliest first; empty where nothing stands out from the rest. */
  readonly slices: readonly BadDaySlice[];
  /** Where the first row stands from which on the likeliest slice (or the domain, where none stands out) is worse. */
  readonly first: BadDayPlace;
}

export interface BadDaySlice {
  /** `user.NAME` or `item.NAME` of a feature, `features` (those present), `item age`, `history length`, `partition`, `schema version`. */
  readonly dimension: string;
  readonly value: string;
  /** Share of the rows that are of it. */
  readonly shareBefore: number;
  readonly shareAfter: number;
  /**
   * Share of the rows of the other class before the fall on whose wrong side its rows are ranked, weighted so that over all
   * rows before it is 1 - AUC. Null without rows.
   */
  readonly errorBefore: number | null;
  readonly errorAfter: number | null;
  /** By how many standard errors its rows got worse beyond what the others did. */
  readonly z: number;
}

interface BadDayPlace {
  readonly partition: string;
  /** Position of the impression's record there. */
  readonly offset: string;
  readonly eventTimeMs: number;
}

export type BadDays = Readonly<Record<Domain, readonly BadDayCard[]>>;
