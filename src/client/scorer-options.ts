import type { TrainedSpace } from '../join/index.js';
import type { LinearPartOptions } from '../linear/index.js';
import type { ModelOptions } from '../model/model-options.js';
import type { ClickStatisticsOptions } from '../statistics/index.js';
import type { ZooOptions } from '../zoo/index.js';

/** What a scorer is built from: the manifest's `scorer`. Plain JSON. */
export interface ScorerOptions {
  readonly model: ModelOptions;
  /** A baseline in DADIN's place; null is DADIN. */
  readonly baseline: ZooOptions | null;
  readonly history: {
    /** Newest clicks of a user and domain that the model sees. */
    readonly length: number;
    /** Whether it sees those of the source domain. */
    readonly sourceClicks: boolean;
  };
  /** Item features whose vocabulary both domains share. */
  readonly sharedFeatures: readonly string[];
  /** Click counters as inputs; null: none. */
  readonly statistics: ClickStatisticsOptions | null;
  /** The linear part whose logit is the model's offset; null: none. */
  readonly linear: LinearPartOptions | null;
  /** What the model was trained on, from which its logits are corrected. */
  readonly trainedSpace: TrainedSpace;
}
