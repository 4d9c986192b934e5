import type { MixerOptions } from '../src/batching/index.js';
import type { Adaptation, Domain } from '../src/core/index.js';
import type { EvaluationOptions } from '../src/evaluation/index.js';
import type { HistoryOptions } from '../src/history/index.js';
import type { LabelJoinOptions, LabelMode } from '../src/join/index.js';
import type { LinearPartOptions } from '../src/linear/index.js';
import type { ClickStatisticsOptions } from '../src/statistics/index.js';

export interface FoldOptions {
  readonly history: HistoryOptions & {
    /** Histories of clicked items only; otherwise of all impressions. */
    readonly clickedOnly: boolean;
    /** Samples show the user's clicks of the source domain. */
    readonly sourceClicks: boolean;
    readonly maxItems: number;
    /** An item with fewer earlier impressions is new. */
    readonly newImpressions: number;
  };
  readonly join: LabelJoinOptions;
  readonly trainingRows: TrainingRowsOptions;
  readonly batching: MixerOptions;
  readonly evaluation: EvaluationOptions;
  /** After a drift alarm, in the domains that adapt. */
  readonly adaptation: Adaptation;
  readonly adaptsTo: Readonly<Record<Domain, boolean>>;
  /** Item features whose vocabulary both domains share. */
  readonly sharedFeatures: readonly string[];
  readonly dedupWindowMs: number;
  /** Point-in-time click counters as inputs; null: the paper's pure model. */
  readonly statistics: ClickStatisticsOptions | null;
  /** The linear part whose logit is the model's offset; null: none. */
  readonly linear: LinearPartOptions | null;
  /** A learner without the source domain beside the other; null: none. */
  readonly transfer: { readonly windowRows: number; readonly switchOff: boolean } | null;
}

export interface TrainingRowsOptions {
  readonly mode: LabelMode;
  readonly attributionWindowMs: number;
  /** `esDfm`, `defer`: event time from an impression to its first look. */
  readonly firstLookMs: number;
  /** Share of the negatives that enter training, in (0, 1]. */
  readonly negativeRate: number;
  readonly maxPending: number;
}
