import type { ModelOptions } from '../../../src/model/model-options.js';
import type { EngineOptions } from '../../../src/training/engine-options.js';

/** A small DADIN with the paper's choices and a constant reversal. */
export const SMALL_MODEL: ModelOptions = {
  width: 4,
  hidden: [6, 5, 4],
  predictorWidth: 7,
  lastActivation: 'act',
  interestBias: 'outside',
  discriminatorInput: 'raw',
  detachYhat: true,
  lambda1: 1,
  lambda2: 1,
  lambda3: 1,
  alpha: 0.5,
  dropout: 0,
  ablation: 0,
  threshold: { mode: 'fixed', value: 0.5 },
  adversary: { mode: 'constant', strength: 1, kappa: 1.2, rampSteps: 0 },
  classScale: 'literal',
  domainBalance: 'natural',
  denseWidth: 0,
  offsetInput: false,
};

export const SMALL_ENGINE: EngineOptions = {
  model: SMALL_MODEL,
  baseline: null,
  optimizer: { denseLearningRate: 1e-3, embeddingLearningRate: 3e-3, discriminatorLearningRate: null },
  guard: { everySteps: 5, afterDiscards: 3 },
  table: {
    initStd: 0.05,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    maxRows: 10_000,
    admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
    ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
  },
  seed: 1,
  slices: 1,
  race: false,
};
