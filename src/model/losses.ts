import { crossEntropy, sigmoid } from './cross-entropy.js';
import { type DiscriminatorLosses, discriminatorLosses } from './discriminator-losses.js';
import type { LossInput } from './loss-input.js';
import { type LossOptions, lossWeights } from './model-options.js';

export interface Losses {
  readonly label: number;
  /** Null where the discriminators are left out or the batch holds one domain only. */
  readonly discriminators: DiscriminatorLosses | null;
  /** lambda1 L_y + lambda2 L_d + lambda3 [alpha L_d0 + (1 - alpha) L_d1] */
  readonly total: number;
  /** [B] predicted probability */
  readonly prediction: Float64Array;
  /** [B] */
  readonly dLogit: Float64Array;
}

/**
 * Losses of algorithm A.2 and their gradients of A.3, the sum over rows divided by B whatever the weights are. Plain
 * float64 loops over downloaded columns, the same for every engine.
 */
export function computeLosses(options: LossOptions, input: LossInput): Losses {
  const { logit, label, weight } = input;
  const B = logit.length;
  const [lambda1, lambda2, lambda3] = lossWeights(options);
  const prediction = new Float64Array(B);
  const dLogit = new Float64Array(B);
  let sum = 0;
  for (let i = 0; i < B; i++) {
    const yhat = sigmoid(logit[i]!);
    prediction[i] = yhat;
    sum += weight[i]! * crossEntropy(logit[i]!, label[i]!);
    dLogit[i] = (lambda1 * weight[i]! * (yhat - label[i]!)) / B;
  }
  const labelLoss = sum / B;
  const discriminators =
    input.products === null || holdsOneDomain(input.domain)
      ? null
      : discriminatorLosses(options, [lambda2, lambda3], { ...input, products: input.products }, dLogit);
  const total =
    lambda1 * labelLoss +
    (discriminators === null
      ? 0
      : lambda2 * discriminators.domain +
        lambda3 * (options.alpha * discriminators.class0 + (1 - options.alpha) * discriminators.class1));
  return { label: labelLoss, discriminators, total, prediction, dLogit };
}

export function holdsOneDomain(domain: ArrayLike<number>): boolean {
  for (let i = 1; i < domain.length; i++) if (domain[i] !== domain[0]) return false;
  return true;
}
