import type { ZooKind } from '../core/index.js';
import type { CollaborativeCrossOptions } from './collaborative-cross.js';
import type { InteractionOptions } from './compressed-interaction.js';
import type { CrossStitchOptions } from './cross-stitch.js';
import type { DeepInterestOptions } from './deep-interest.js';
import type { MixedInterestOptions } from './mixed-interest.js';

/** A baseline and its sizes; parts that a kind does not have are unread. */
export interface ZooOptions {
  readonly kind: ZooKind;
  /** d */
  readonly width: number;
  readonly hidden: readonly number[];
  readonly xdeepfm: InteractionOptions;
  readonly din: DeepInterestOptions;
  readonly csn: CrossStitchOptions;
  readonly conet: CollaborativeCrossOptions;
  readonly minet: MixedInterestOptions;
}

/** The choices of algorithm B for everything but the sizes that all models share. */
export function zooOptions(kind: ZooKind, width: number, hidden: readonly number[]): ZooOptions {
  return {
    kind,
    width,
    hidden,
    xdeepfm: { maps: [16, 16, 16], activation: 'linear', split: false },
    din: { attentionHidden: [80, 40], softmax: false },
    csn: { beforeOutput: false },
    conet: { crossLayers: 2, lasso: 1e-3 },
    minet: { rank: 10, sourceWeight: 1 },
  };
}
