import type { ModelOptions } from '../model/model-options.js';
import type { EmbeddingTableOptions } from '../parameters/index.js';
import type { ZooOptions } from '../zoo/index.js';

/** Everything a training engine is made from: plain JSON, since it crosses to a thread. */
export interface EngineOptions {
  readonly model: ModelOptions;
  /** A baseline that learns in DADIN's place; null is DADIN. `model` then has no adversary, dropout or statistics. */
  readonly baseline: ZooOptions | null;
  readonly optimizer: {
    readonly denseLearningRate: number;
    readonly embeddingLearningRate: number;
    /** Null: that of the dense weights. */
    readonly discriminatorLearningRate: number | null;
  };
  readonly guard: GuardOptions;
  readonly table: Omit<EmbeddingTableOptions, 'width' | 'seed'>;
  readonly seed: number;
  /** Pieces that every step cuts its batch into; gradients are added up in their order, so that the bits depend on it. */
  readonly slices: number;
  /** Train a model without the adversary beside the one with it and score with the one that does better. */
  readonly race: boolean;
}

export interface GuardOptions {
  /** Applied steps between guard copies. */
  readonly everySteps: number;
  /** Discarded steps in a row after which the guard copy is put back. */
  readonly afterDiscards: number;
}
