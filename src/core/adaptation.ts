/** What a learner does after a drift alarm (algorithm D.6). Weights are never reset. */
export interface Adaptation {
  /** Training steps for which the learning rate of embedding rows is multiplied by `embeddingRateFactor`. */
  readonly steps: number;
  readonly embeddingRateFactor: number;
  /** The dense weights' second moments are multiplied by this, once. */
  readonly secondMomentFactor: number;
}
