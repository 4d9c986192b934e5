import type { NamedTensor } from './named-tensor.js';

/** Rows of a table by id. */
export interface ServingTable {
  readonly name: string;
  /** [n] positive safe integers */
  readonly ids: Float64Array;
  /** What belongs to each id: [n] or [n, w]. */
  readonly columns: readonly NamedTensor[];
  /** Ids whose row is gone since the last version was published; they go before the rows come. */
  readonly removed: Float64Array;
}

/** A part of what scoring needs, whole or as what changed since the last version was published. */
export interface ServingPart {
  /** Always whole. */
  readonly tensors: readonly NamedTensor[];
  readonly tables: readonly ServingTable[];
  /** Why tables are whole here; null: rows that may have changed, and no others are needed. */
  readonly wholeBecause: string | null;
}

/** A part of the fold that model versions are made of. Nothing here changes what is learned or any digest. */
export interface Serving {
  /** `whole`: everything, for this reason; null: what changed, if that is known, else everything. */
  serving(whole: string | null): ServingPart;
  /** A version of what `serving` gave last is published: changes count from here. */
  published(): void;
}
