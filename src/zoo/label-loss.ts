import { crossEntropy, sigmoid } from '../model/cross-entropy.js';
import type { Losses } from '../model/losses.js';

/** L_y of algorithm A.2 alone: (1/B) sum w_i ce(l_i, y_i), all arrays [B]. */
export function labelLoss(logit: Float64Array, label: ArrayLike<number>, weight: ArrayLike<number>): Losses {
  const B = logit.length;
  const prediction = new Float64Array(B);
  const dLogit = new Float64Array(B);
  let sum = 0;
  for (let i = 0; i < B; i++) {
    const yhat = sigmoid(logit[i]!);
    prediction[i] = yhat;
    sum += weight[i]! * crossEntropy(logit[i]!, label[i]!);
    dLogit[i] = (weight[i]! * (yhat - label[i]!)) / B;
  }
  const mean = sum / B;
  return { label: mean, discriminators: null, total: mean, prediction, dLogit };
}
