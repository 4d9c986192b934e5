import { z } from 'zod';
import { LINEAR_GROUPS, ZOO_KINDS } from '../../core/index.js';
import { count, countOrZero, freeKey, learningKey, partKey, positive, share } from '../key.js';
import { baselines } from './baselines.js';

const threshold = z
  .strictObject({
    mode: learningKey(
      z.enum(['prior', 'fixed', 'quantile']).default('prior'),
      'Threshold T between predicted classes: prior is the running label rate, fixed is `value`, quantile is that quantile of the batch.',
    ),
    value: learningKey(share.default(0.5), 'T itself (fixed) or the quantile; unused by prior.'),
  })
  .prefault({});

const adversary = z
  .strictObject({
    mode: learningKey(
      z.enum(['auto', 'governed', 'literal', 'constant', 'off']).default('governed'),
      'Gradient reversal: auto trains a governed model beside one without adversary and scores with the one that predicts the target better (twice the steps), governed keeps the discriminators confused and no more, literal is the paper (strength 1, diverges on a stream), constant is `strength`, off is ablation 9.',
    ),
    strength: learningKey(z.number().min(0).default(1), 'Greatest strength of the reversal.'),
    kappa: learningKey(
      z.number().gt(1).default(1.2),
      'governed: no reversal once the discriminator loss exceeds this times that of a confused one.',
    ),
    rampSteps: learningKey(countOrZero.default(2000), 'governed: steps over which the reversal grows; 0 is at once.'),
  })
  .prefault({});

const linearGroup = z.enum(LINEAR_GROUPS);

const linearPart = z.strictObject({
  kind: partKey(
    z.enum(['adaptive', 'ftrl']).default('adaptive'),
    'adaptive: normalized adaptive gradient descent, as vowpal wabbit. ftrl: FTRL-Proximal.',
  ),
  learningRate: partKey(positive.nullable().default(null), 'null: 1 (adaptive) or 0.1 (ftrl).'),
  bits: partKey(
    z.int().min(10).max(28).default(20),
    'The table has 2 to the power of this many slots of 16 (adaptive) or 8 bytes (ftrl).',
  ),
  features: partKey(
    z.array(linearGroup).nullable().default(null),
    'Groups of features that it reads beside its bias: [domain] is a base rate of each domain. null: all.',
  ),
  crosses: partKey(
    z
      .array(z.tuple([linearGroup, linearGroup]))
      .nullable()
      .default(null),
    'Pairs of groups whose features are multiplied: [[user, itemFeatures], [item, historyTarget]]; user and item are the ids alone, matches say how many clicks ago an attribute of the item was clicked. null: the standard ones.',
  ),
});

/** DADIN, algorithm.md A; the options are those of A.5 and A.7. Defaults are the preset `paper`. */
export const model = z
  .strictObject({
    preset: freeKey(
      z.enum(['default', 'paper', 'literal', 'small']).default('default'),
      'Defaults that explicit keys override. default: a linear part that learns at every event, click statistics, and a small DADIN (width 16, batches of 32) on what they leave. paper: the pure model, sizes of the paper, governed adversary, no dropout since one pass over a stream does not overfit. literal: what the paper prints (literal adversary, T = .5, dropout .2). small: paper with width 16, [64, 32, 16].',
    ),
    kind: learningKey(
      z.enum(['dadin', ...ZOO_KINDS]).default('dadin'),
      "The model: DADIN or one of the paper's eleven baselines, which have no adversary and read no statistics; sizes are `width` and `hidden`, the rest stands in `baselines`.",
    ),
    baselines,
    width: learningKey(count.max(1024).default(64), 'Embedding width (d).'),
    hidden: learningKey(
      z.array(count.max(8192)).min(1).default([512, 128, 64]),
      'Units of the DNN and of the domain-agnostic layer; the last equals `width`.',
    ),
    predictorWidth: learningKey(count.max(8192).default(100), 'Hidden units of the label predictor.'),
    lastActivation: learningKey(
      z.enum(['act', 'linear']).default('act'),
      'Whether the last of the hidden layers has its ReLU (act) or not (linear).',
    ),
    interestBias: learningKey(
      z.enum(['outside', 'inside']).default('outside'),
      'Bias of the interest weights outside the exponential, as printed in equation 6, or inside.',
    ),
    discriminatorInput: learningKey(
      z.enum(['raw', 'tanh']).default('raw'),
      'What discriminators read: the domain-agnostic output as it is, or its tanh.',
    ),
    detachYhat: learningKey(
      z.boolean().default(true),
      'No gradient of the class discriminators through the predicted probability.',
    ),
    lambda1: learningKey(z.number().min(0).default(1), 'Weight of the label loss.'),
    lambda2: learningKey(z.number().min(0).default(1), 'Weight of the global domain loss.'),
    lambda3: learningKey(z.number().min(0).default(1), 'Weight of the two intra-class domain losses.'),
    alpha: learningKey(share.default(0.5), 'Balance of the intra-class losses: alpha class 0, 1 - alpha class 1.'),
    dropout: learningKey(z.number().min(0).lt(1).default(0), 'Dropout rate in the label predictor while training.'),
    ablation: learningKey(
      z.int().min(0).max(9).default(0),
      'Ablation of the paper: 0 none, 1 mean pooling, 2 equal interest weights, 3 no bi-interaction, 4 no DNN, 5 neither, 6 no domain-agnostic layer, 7 no global loss, 8 no intra-class losses, 9 no adversary.',
    ),
    threshold,
    adversary,
    classScale: learningKey(
      z.enum(['literal', 'normalised']).default('literal'),
      'Scale of the class discriminators input: the probability as printed, or divided by its mean over the set.',
    ),
    domainBalance: learningKey(
      z.enum(['natural', 'balanced']).default('natural'),
      'Discriminator losses over rows as they come, or each domain weighing one half.',
    ),
    statistics: learningKey(
      z.boolean().default(false),
      'Point-in-time click counters of users, items and attributes as further inputs.',
    ),
    linear: learningKey(
      z.union([z.boolean(), linearPart]).default(false),
      'A linear part that learns at every event; its logit is the offset that DADIN learns on top of. true: all features and standard crosses; false: none; or {kind, learningRate, bits, features, crosses}: {kind: ftrl, bits: 10, features: [domain], crosses: []} is a base rate of each domain.',
    ),
  })
  .refine(({ kind, statistics }) => kind === 'dadin' || !statistics, {
    path: ['statistics'],
    message: 'must be false unless model.kind is dadin: a baseline has no inputs for them',
  })
  .refine(({ kind, dropout }) => kind === 'dadin' || dropout === 0, {
    path: ['dropout'],
    message: 'must be 0 unless model.kind is dadin',
  })
  .refine(({ kind, ablation }) => kind === 'dadin' || ablation === 0, {
    path: ['ablation'],
    message: 'must be 0 unless model.kind is dadin',
  })
  .refine(({ kind, adversary }) => kind === 'dadin' || adversary.mode === 'off', {
    path: ['adversary', 'mode'],
    message: 'must be off unless model.kind is dadin: a baseline has no discriminators',
  })
  .refine(({ kind, width, hidden }) => kind !== 'dadin' || hidden.at(-1) === width, {
    path: ['hidden'],
    error: ({ input }) => {
      const { width, hidden } = input as { width: number; hidden: number[] };
      return `must end in model.width, which is ${width}, and ends in ${hidden.at(-1)}`;
    },
  })
  .prefault({});

const byNamespace = <S extends z.ZodType>(value: S, what: string) => ({
  user: learningKey(value, `${what} user features.`),
  itemTarget: learningKey(value, `${what} item features of the target domain.`),
  itemSource: learningKey(value, `${what} item features of the source domain.`),
  shared: learningKey(value, `${what} shared item features.`),
});

export const training = z
  .strictObject({
    backend: freeKey(
      z.enum(['auto', 'fused', 'tfjs-node', 'tfjs-wasm']).default('auto'),
      'What computes: the fused WebAssembly kernel, native TensorFlow or TensorFlow in WebAssembly; auto picks one and says why. Bits compare only between equal backends.',
    ),
    slices: learningKey(
      count.max(64).default(1),
      'Pieces that each step cuts its batch into, whose gradients are added up in their order: what threads share among themselves.',
    ),
    threads: freeKey(
      count.max(64).nullable().default(null),
      'Threads that work on slices, the bits being the same for any number of them. null: one a slice, at most one a processor.',
    ),
    denseLearningRate: learningKey(positive.default(1e-3), 'Learning rate of the dense weights (Adam).'),
    embeddingLearningRate: learningKey(positive.default(3e-3), 'Learning rate of the embedding rows.'),
    discriminatorLearningRate: learningKey(
      positive.nullable().default(null),
      'Learning rate of the discriminators. null: that of the dense weights.',
    ),
    embeddingOptimizer: learningKey(
      z.enum(['adam', 'adagrad']).default('adam'),
      'Row optimizer of embeddings: Adam with a step count of each row, or row-wise AdaGrad with a quarter of the memory.',
    ),
    guardEverySteps: learningKey(count.default(1000), 'Steps between the copies that the guard restores weights from.'),
    guardAfterDiscards: learningKey(
      count.default(3),
      'Discarded (not finite) steps in a row after which the guard copy is restored.',
    ),
    maxRows: learningKey(
      count.default(10_000_000),
      'Embedding rows of all vocabularies; beyond it the longest unseen go, at equal age the rarer.',
    ),
    admitAfter: z
      .strictObject(byNamespace(count.default(1), 'Times an id must be seen before it gets a row:'))
      .prefault({}),
    ttlMs: z
      .strictObject(
        byNamespace(
          count.nullable().default(null),
          'Rows not seen for this long (ms of event time) are freed; null never:',
        ),
      )
      .prefault({}),
  })
  .prefault({});
