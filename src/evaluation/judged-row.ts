import { sigmoid } from './calibration.js';
import { crossEntropy } from './log-loss.js';

/** A score with its label and what every metric wants to know of them, worked out once. */
export interface JudgedRow {
  /** float32 */
  readonly logit: number;
  readonly label: 0 | 1;
  /** Cross entropy, nats. */
  readonly loss: number;
  readonly probability: number;
}

export function judgedRow(score: number, label: 0 | 1): JudgedRow {
  const logit = Math.fround(score);
  return { logit, label, loss: crossEntropy(logit, label), probability: sigmoid(logit) };
}
