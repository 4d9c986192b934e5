/**
 * Ragged lists of item indexes: row i owns `items[splits[i] .. splits[i+1])`. Packed: valid positions only, no padding.
 */
export interface Ragged {
  /** [B+1] */
  readonly splits: Int32Array;
  /** [N], indexes into the batch's distinct items */
  readonly items: Int32Array;
}

/**
 * Samples of one step (or of one scoring call) as a struct of typed arrays, transferable to the training thread.
 * Feature ids are `namespace << 50 | 50-bit hash` (see features/feature-id.ts). Every distinct item stands once.
 */
export interface SampleBatch {
  /** B */
  readonly size: number;
  /** [B] 1 target, 0 source */
  readonly domain: Uint8Array;
  /** [B] 0 or 1; unread when scoring */
  readonly label: Float32Array;
  /** [B] instance weights of L_y */
  readonly weight: Float32Array;
  /** [B] logit of the linear part, frozen at the impression and added to the model's logit; 0 without one */
  readonly offset: Float32Array;
  /** [B, denseWidth] point-in-time statistics as inputs; empty when denseWidth is 0 */
  readonly dense: Float32Array;
  readonly denseWidth: number;
  /** What a twin that knows no source domain reads instead: [B], [B, denseWidth]; where a transfer ledger is kept */
  readonly targetOnly?: { readonly offset: Float32Array; readonly dense: Float32Array };
  /** user feature ids: row i owns userIds[userSplits[i] .. userSplits[i+1]) */
  readonly userSplits: Int32Array;
  readonly userIds: Float64Array;
  /** distinct items of the batch: item u owns itemIds[itemSplits[u] .. itemSplits[u+1]) */
  readonly itemSplits: Int32Array;
  readonly itemIds: Float64Array;
  /** [B] index of the row's candidate among the distinct items */
  readonly candidate: Int32Array;
  /** clicked items of the target domain before the impression, oldest first */
  readonly histT: Ragged;
  /** clicked items of the source domain before the impression, oldest first */
  readonly histS: Ragged;
}

/** Namespaces of feature ids: which vocabulary an id belongs to. `shared` holds attributes common to both domains. */
export const NAMESPACE = { user: 0, itemTarget: 1, itemSource: 2, shared: 3 } as const;
export type NamespaceName = keyof typeof NAMESPACE;
export const NAMESPACE_NAMES = Object.keys(NAMESPACE) as NamespaceName[];
const SHIFT = 2 ** 50;

/** The vocabulary of a feature id. */
export function namespaceOf(id: number): number {
  return Math.floor(id / SHIFT);
}

/** `hash` in [1, 2^50); the result is a safe integer (at most 53 bits). */
export function featureId(namespace: number, hash: number): number {
  return namespace * SHIFT + hash;
}
