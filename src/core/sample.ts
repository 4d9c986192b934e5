/** An item of one domain with its feature ids, stored once; histories, samples and replay hold references to it. */
export interface Item {
  /** Unique and increasing; a changed feature makes a new entry, so that a frozen sample keeps what was known then. */
  readonly serial: number;
  /** 1 target, 0 source */
  readonly domain: number;
  /** ids of the item itself, then of its features */
  readonly featureIds: Float64Array;
  /** Impressions with strictly smaller event time than the newest event. */
  impressions: number;
  /** Scratch of the batch builder: which batch numbered the item last, and its number there. Never in a snapshot. */
  batchStamp: number;
  batchSlot: number;
}

/** What a twin of the learner that has never heard of the source domain knows of an impression, where that differs. */
export interface TargetOnlyView {
  readonly dense: Float32Array;
  readonly offset: number;
  /** Logits of the learner and of its twin, served alike; NaN until scored. */
  logitWith: number;
  logitWithout: number;
}

/**
 * An impression with its features frozen as they were known before it; its label follows when it matures.
 * What crosses the seam between the user-keyed front half and the learner.
 */
export interface Sample {
  /** Canonical number of the impression, from 0. */
  readonly sequence: number;
  readonly eventId: string;
  readonly impressionId: string;
  readonly eventTimeMs: number;
  /** 1 target, 0 source */
  readonly domain: number;
  readonly userId: string;
  readonly itemId: string;
  /** ids of the user, then of its features */
  readonly userFeatureIds: readonly number[];
  readonly item: Item;
  /** Clicked items of the target domain before the impression, oldest first. Shared and never changed. */
  readonly historyTarget: readonly Item[];
  readonly historySource: readonly Item[];
  /** The user had few target impressions before this one. */
  readonly coldUser: boolean;
  /** The item had few impressions before this one. */
  readonly newItem: boolean;
  /** Point-in-time statistics as inputs; empty in the paper's pure model. */
  readonly dense: Float32Array;
  /** Logit of the linear part, set once, at the impression; 0 without one. */
  offset: number;
  /** Of target impressions where a transfer ledger is kept. */
  targetOnly: TargetOnlyView | null;
  /** Set when scored: the model's logit and the steps taken before it. */
  logit: number;
  scoredAtStep: number;
  /** 1 clicked, 0 not, -1 not known yet. */
  label: number;
  /** Times trained again from the replay buffers. */
  replays: number;
}
