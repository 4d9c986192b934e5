import type { FloatArray, Ragged } from '../core/index.js';
import type { DeviceParameters } from './device-parameters.js';
import { add, bag, concat, gather, linear, maskWith, product, reverse, tanh } from './layers.js';
import { type ModelOptions, modelParts } from './model-options.js';
import { attend, biInteraction, interestWeights, scaleBlocks } from './paper-layers.js';
import type { Tape, TapeNode } from './tape.js';

/** A batch as the model reads it: features are rows of one small matrix of the distinct embeddings. */
export interface ModelInput<T> {
  /** B */
  readonly size: number;
  /** [R,d] */
  readonly embeddings: TapeNode<T>;
  /** B lists of rows of `embeddings` */
  readonly userFeatures: Ragged;
  /** U lists of rows of `embeddings`, one a distinct item */
  readonly itemFeatures: Ragged;
  /** [B] the candidate among the items */
  readonly candidate: Int32Array;
  readonly histT: Ragged;
  readonly histS: Ragged;
  /** [B, denseWidth + 1 where the offset is an input] */
  readonly dense: FloatArray;
}

/** What only training has. */
export interface TrainingExtras<T> {
  /** [B, predictorWidth] inverted dropout mask; null without dropout */
  readonly dropoutMask: T | null;
  /** lambda_grl of the gradient reversal; null leaves the discriminators out */
  readonly reversal: number | null;
}

export interface ModelOutput<T> {
  readonly p: TapeNode<T>;
  readonly q: TapeNode<T>;
  readonly a: TapeNode<T>;
  readonly b: TapeNode<T>;
  /** packed attention weights [N,1]; null with mean pooling */
  readonly betaT: T | null;
  readonly betaS: T | null;
  /** [B,3] v_u, v_t, v_s; null with equal weights */
  readonly interest: TapeNode<T> | null;
  /** [B,w] */
  readonly hSpec: TapeNode<T>;
  readonly hDA: TapeNode<T>;
  readonly h: TapeNode<T>;
  /** [B,1], without the linear part's offset */
  readonly logit: TapeNode<T>;
  /** [B,3] f D^T of the global, class 1 and class 0 discriminators, without scale and bias; null without them */
  readonly products: TapeNode<T> | null;
}

/** The paper's forward pass, top to bottom (algorithm A.1). d = width, w = columns of the representation. */
export function forward<T>(
  tape: Tape<T>,
  options: ModelOptions,
  parameters: DeviceParameters<T>,
  x: ModelInput<T>,
  training: TrainingExtras<T>,
): ModelOutput<T> {
  const parts = modelParts(options);
  const w = (key: string) => parameters.get(key);

  // embeddings, equation 1
  const p = bag(tape, x.embeddings, x.userFeatures, 'sum'); //       [B,d]
  const items = bag(tape, x.embeddings, x.itemFeatures, 'sum'); //   [U,d]
  const q = gather(tape, items, x.candidate); //                     [B,d]

  // item attention, equations 2 and 3; ablation 1 takes the mean
  const pool = (history: Ragged, name: string) =>
    parts.attention
      ? attend(tape, items, history, q, p, w(`att.${name}.W`), w(`att.${name}.h`))
      : { pooled: bag(tape, items, history, 'mean'), beta: null };
  const { pooled: a, beta: betaT } = pool(x.histT, 't'); //          [B,d], [N_t,1]
  const { pooled: b, beta: betaS } = pool(x.histS, 's'); //          [B,d], [N_s,1]

  // interest weights, equations 4 to 6; ablation 2 weighs all by 1
  const z4 = concat(tape, [q, p, a, b]); //                          [B,4d]
  const interest = parts.interest
    ? interestWeights(tape, z4, w('int.V'), w('int.g'), w('int.b'), options.interestBias)
    : null; //                                                       [B,3]
  const m = interest === null ? z4 : scaleBlocks(tape, z4, interest); // [B,4d]

  // feature interactions, equation 7; ablations 3 and 5 leave the blocks side by side
  const z = parts.biInteraction ? biInteraction(tape, m, w('bi.c')) : m; // [B,d]
  const input = withDense(tape, options, z, x); //                   [B,d + dense]

  // domain-specific and domain-agnostic representation, and the skip between them
  const hSpec = parts.dnn ? network(tape, options, parameters, 'dnn', input) : input; // [B,w]
  const hDA = parts.domainAgnostic ? network(tape, options, parameters, 'da', hSpec) : hSpec; // [B,w]
  const h = parts.domainAgnostic ? add(tape, hDA, hSpec) : hSpec; // [B,w]

  // label predictor, equations 9 and 10: no activation between its layers
  let h1 = linear(tape, h, w('pred.W1'), w('pred.b1'), 'none'); //   [B,predictorWidth]
  if (training.dropoutMask !== null) h1 = maskWith(tape, h1, training.dropoutMask);
  const logit = linear(tape, h1, w('pred.W2'), w('pred.b2'), 'none'); // [B,1]

  // discriminators behind the reversal, equations 11 to 14; scale and bias follow in the losses
  let products: TapeNode<T> | null = null;
  if (training.reversal !== null) {
    const f = options.discriminatorInput === 'tanh' ? tanh(tape, hDA) : hDA; // [B,w]
    products = product(tape, reverse(tape, f, training.reversal), w('dom.W')); // [B,3]
  }
  return { p, q, a, b, betaT, betaS, interest, hSpec, hDA, h, logit, products };
}

/** Layers x W^T + b with ReLU; the last has it where `lastActivation` says so. [B,in] -> [B,out]. */
function network<T>(
  tape: Tape<T>,
  options: ModelOptions,
  parameters: DeviceParameters<T>,
  name: 'dnn' | 'da',
  input: TapeNode<T>,
): TapeNode<T> {
  const last = options.hidden.length - 1;
  let y = input;
  for (let i = 0; i <= last; i++) {
    const activation = i < last || options.lastActivation === 'act' ? 'relu' : 'none';
    y = linear(tape, y, parameters.get(`${name}.${i}.W`), parameters.get(`${name}.${i}.b`), activation);
  }
  return y;
}

/** [z | statistics | offset] where the model has such inputs: [B,d] -> [B,d + dense]. */
function withDense<T>(tape: Tape<T>, options: ModelOptions, z: TapeNode<T>, x: ModelInput<T>): TapeNode<T> {
  const extra = options.denseWidth + (options.offsetInput ? 1 : 0);
  if (extra === 0) return z;
  return concat(tape, [z, tape.constant(tape.ops.upload(x.dense, x.size, extra))]);
}
