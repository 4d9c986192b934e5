import { crossEntropy, sigmoid } from './cross-entropy.js';
import type { LossInput } from './loss-input.js';
import type { LossOptions } from './model-options.js';

export interface DiscriminatorLosses {
  /** L_d, L_d1, L_d0; an empty set gives 0 */
  readonly domain: number;
  readonly class1: number;
  readonly class0: number;
  /** [B,3] logits d, d1, d0 of every row, in its set or not */
  readonly logits: Float64Array;
  /** [B,3] */
  readonly dProducts: Float64Array;
  /** [3] */
  readonly dBiases: Float64Array;
}

/**
 * The three discriminators, paper equations 12 to 14 and 16 to 18: d = s f D + bias with s = 1, yhat, 1 - yhat. A row of
 * prediction >= T is judged by D1, every other by D0. Where the prediction is not detached, its gradient, reversed as f's
 * is, is added to `dLogit`.
 */
export function discriminatorLosses(
  options: LossOptions,
  [lambda2, lambda3]: readonly [number, number],
  input: LossInput & { readonly products: Float64Array },
  dLogit: Float64Array,
): DiscriminatorLosses {
  const { logit, products, biases, domain } = input;
  const B = logit.length;
  const set = classSets(logit, input.threshold);
  const scale = [new Float64Array(B).fill(1), new Float64Array(B), new Float64Array(B)] as const;
  for (let i = 0; i < B; i++) {
    scale[1][i] = sigmoid(logit[i]!);
    scale[2][i] = sigmoid(-logit[i]!);
  }
  const shrink = [1, 1, 1];
  if (options.classScale === 'normalised') {
    for (const k of [1, 2] as const) {
      shrink[k] = reciprocalMean(scale[k], set, k);
      for (let i = 0; i < B; i++) scale[k][i]! *= shrink[k]!;
    }
  }

  const coefficients = [lambda2, lambda3 * (1 - options.alpha), lambda3 * options.alpha];
  const logits = new Float64Array(B * 3);
  const dProducts = new Float64Array(B * 3);
  const dBiases = new Float64Array(3);
  const losses = [0, 0, 0];
  for (let k = 0; k < 3; k++) {
    const share = rowShares(options.domainBalance, domain, set, k);
    const dScale = new Float64Array(B);
    for (let i = 0; i < B; i++) {
      const at = i * 3 + k;
      const d = scale[k]![i]! * products[at]! + biases[k]!;
      logits[at] = d;
      if (share[i] === 0) continue;
      losses[k]! += share[i]! * crossEntropy(d, domain[i]!);
      const dd = coefficients[k]! * share[i]! * (sigmoid(d) - domain[i]!);
      dBiases[k]! += dd;
      dProducts[at] = dd * scale[k]![i]!;
      dScale[i] = dd * products[at]!;
    }
    if (k > 0 && !options.detachYhat) {
      if (options.classScale === 'normalised') throughMean(dScale, scale[k]!, set, k, shrink[k]!);
      const sign = k === 1 ? 1 : -1;
      for (let i = 0; i < B; i++) {
        const slope = sigmoid(logit[i]!) * sigmoid(-logit[i]!);
        dLogit[i]! -= input.reversal * sign * dScale[i]! * slope;
      }
    }
  }
  return { domain: losses[0]!, class1: losses[1]!, class0: losses[2]!, logits, dProducts, dBiases };
}

/** [B] which class discriminator judges the row: 1 (D1) or 2 (D0). */
function classSets(logit: Float64Array, threshold: number): Uint8Array {
  const set = new Uint8Array(logit.length);
  for (let i = 0; i < set.length; i++) set[i] = sigmoid(logit[i]!) >= threshold ? 1 : 2;
  return set;
}

/** [B] what each row counts in discriminator k's mean; rows outside its set count 0, an empty set is all 0. */
function rowShares(
  balance: LossOptions['domainBalance'],
  domain: ArrayLike<number>,
  set: Uint8Array,
  k: number,
): Float64Array {
  const share = new Float64Array(set.length);
  const rows = [0, 0];
  for (let i = 0; i < set.length; i++) if (k === 0 || set[i] === k) rows[domain[i]!]!++;
  const present = (rows[0]! > 0 ? 1 : 0) + (rows[1]! > 0 ? 1 : 0);
  for (let i = 0; i < set.length; i++) {
    if (k !== 0 && set[i] !== k) continue;
    share[i] = balance === 'balanced' ? 1 / (present * rows[domain[i]!]!) : 1 / (rows[0]! + rows[1]!);
  }
  return share;
}

/** 1 / mean of the scale over set k; 1 for an empty set. */
function reciprocalMean(scale: Float64Array, set: Uint8Array, k: number): number {
  let sum = 0;
  let rows = 0;
  for (let i = 0; i < set.length; i++) {
    if (set[i] !== k) continue;
    sum += scale[i]!;
    rows++;
  }
  return sum > 0 ? rows / sum : 1;
}

/**
 * Gradient through s_i = w_i / mean_k(w): dw_i = r (ds_i - [i in set] r / rows sum_j ds_j w_j), with r = 1 / mean.
 * `normalised` holds s = r w; rows outside the set have ds = 0.
 */
function throughMean(dScale: Float64Array, normalised: Float64Array, set: Uint8Array, k: number, r: number): void {
  let inner = 0;
  let rows = 0;
  for (let i = 0; i < set.length; i++) {
    if (set[i] !== k) continue;
    inner += dScale[i]! * normalised[i]!;
    rows++;
  }
  for (let i = 0; i < set.length; i++) if (set[i] === k) dScale[i] = r * (dScale[i]! - inner / rows);
}
