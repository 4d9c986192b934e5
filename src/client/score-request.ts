import type { Domain } from '../core/index.js';

/** Features by name; a list where there are several values. Names and values as in the events the model learned from. */
export type FeatureValues = Readonly<Record<string, string | readonly string[]>>;

/** A user or an item: its id and features. */
export interface Described {
  readonly id: string;
  readonly features?: FeatureValues;
}

/** One user and the items to be scored for it. */
export interface ScoreRequest {
  /** Domain of the candidates; `target` where it is left out. */
  readonly domain?: Domain;
  readonly user: Described;
  readonly candidates: readonly Described[];
  /** Items the user clicked, oldest first; those beyond the model's length are left out, as while learning. */
  readonly histories?: { readonly target?: readonly Described[]; readonly source?: readonly Described[] };
}

export interface ScoreAnswer {
  /** Number of the model version that gave the scores. */
  readonly version: number;
  /** SHA-256 of its manifest. */
  readonly digest: string;
  /** [candidates] logits; higher is likelier. */
  readonly logits: Float32Array;
  /** [candidates] click probabilities, 1 / (1 + exp(-logit)). */
  readonly probabilities: Float64Array;
}
