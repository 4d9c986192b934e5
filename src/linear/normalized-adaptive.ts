import { DadinError, type StateValue } from '../core/index.js';
import { invariantUpdate } from './invariant-update.js';
import type { LinearFeatures } from './linear-features.js';
import type { LinearLearner } from './linear-learner.js';

export interface NormalizedAdaptiveOptions {
  readonly kind: 'adaptive';
  /** The table has 2^bits slots of 16 bytes: 22 is 64 MiB. */
  readonly bits: number;
  readonly learningRate: number;
  /**
   * Squared gradients every weight starts with. 0 is vowpal wabbit, where the newest feature of a row moves most and one
   * event is learned by heart; 1 is better wherever rows bring new crosses.
   */
  readonly priorSquares: number;
}

/** Floats a slot: weight, sum of squared gradients, largest |value| seen, rate of this update. */
const STRIDE = 4;
const SQUARES = 1;
const SCALE = 2;
const RATE = 3;
/** A logit beyond this is no longer a matter of degree; keeps exp finite. */
export const MAX_LOGIT = 50;
/** Smaller |values| are as good as absent; squares and rates stay within float32. */
const MIN_VALUE = 1e-10;

/**
 * Adaptive, normalized, invariant stochastic gradient descent, the default of vowpal wabbit (power_t .5): a rate of its
 * own for each weight from its squared gradients (Duchi, Hazan and Singer 2011), features scaled by the largest value
 * seen (Ross, Mineiro and Langford 2013, algorithm 2 with NAG), and a closed-form step (Karampatziakis and Langford 2011).
 */
export class NormalizedAdaptive implements LinearLearner {
  readonly #mask: number;
  readonly #learningRate: number;
  readonly #priorSquares: number;
  /** [2^bits, STRIDE] */
  #table: Float32Array;
  /** Sum of the rows' norms in units of the scales, and of the weights: their ratio gives the mean size of a row. */
  #normSum = 0;
  #weightSum = 0;

  constructor(options: NormalizedAdaptiveOptions) {
    this.#mask = 2 ** options.bits - 1;
    this.#learningRate = options.learningRate;
    this.#priorSquares = options.priorSquares;
    this.#table = new Float32Array(STRIDE * 2 ** options.bits);
  }

  predict({ indices, values, length }: LinearFeatures): number {
    const table = this.#table;
    const mask = this.#mask;
    let logit = 0;
    for (let i = 0; i < length; i++) logit += table[(indices[i]! & mask) * STRIDE]! * values[i]!;
    return Math.min(MAX_LOGIT, Math.max(-MAX_LOGIT, logit));
  }

  learn(features: LinearFeatures, label: number, weight: number): number {
    const logit = this.predict(features);
    if (weight === 0) return logit;
    const sign = label > 0 ? 1 : -1;
    const gradient = 1 / (1 + Math.exp(sign * logit));
    const sensitivity = this.#prepare(features, gradient * gradient * weight, weight);
    if (sensitivity === 0) return logit;
    const { indices, values, length } = features;
    const meanRate = Math.sqrt(this.#weightSum / this.#normSum);
    const update = meanRate * invariantUpdate(logit, sign, this.#learningRate * weight, sensitivity * meanRate);
    const table = this.#table;
    const mask = this.#mask;
    for (let i = 0; i < length; i++) {
      const slot = (indices[i]! & mask) * STRIDE;
      const value = values[i]!;
      if (Math.abs(value) >= MIN_VALUE) table[slot]! += update * table[slot + RATE]! * value;
    }
    return logit;
  }

  /** Accumulates squares, scales and norm of the row, sets each slot's rate; returns the sum of value^2 x rate. */
  #prepare({ indices, values, length }: LinearFeatures, squaredGradient: number, weight: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let sensitivity = 0;
    let norm = 0;
    for (let i = 0; i < length; i++) {
      const slot = (indices[i]! & mask) * STRIDE;
      const size = Math.abs(values[i]!);
      if (size < MIN_VALUE) continue;
      const square = size * size;
      table[slot + SQUARES]! += squaredGradient * square;
      const scale = table[slot + SCALE]!;
      if (size > scale) {
        // as if the weight had been learned in the new unit
        if (scale > 0) table[slot]! *= scale / size;
        table[slot + SCALE] = size;
      }
      const unit = table[slot + SCALE]!;
      norm += square / (unit * unit);
      // a gradient too small for a float32 square moves nothing
      const squares = table[slot + SQUARES]! + this.#priorSquares;
      const rate = squares > 0 ? 1 / (Math.sqrt(squares) * unit) : 0;
      table[slot + RATE] = rate;
      sensitivity += square * rate;
    }
    this.#normSum += weight * norm;
    this.#weightSum += weight;
    return sensitivity;
  }

  weights(): Float32Array {
    const weights = new Float32Array(this.#mask + 1);
    for (let index = 0; index < weights.length; index++) weights[index] = this.#table[index * STRIDE]!;
    return weights;
  }

  /** Used slots only: indices and three floats each. */
  snapshot(): StateValue {
    const table = this.#table;
    let used = 0;
    for (let slot = 0; slot < table.length; slot += STRIDE) if (table[slot + SCALE]! > 0) used++;
    const indices = new Uint32Array(used);
    const slots = new Float32Array(used * RATE);
    let n = 0;
    for (let index = 0; index <= this.#mask; index++) {
      const slot = index * STRIDE;
      if (table[slot + SCALE] === 0) continue;
      indices[n] = index;
      slots.set(table.subarray(slot, slot + RATE), n++ * RATE);
    }
    return { kind: 'adaptive', mask: this.#mask, indices, slots, normSum: this.#normSum, weightSum: this.#weightSum };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when the table has another size */
  restore(state: StateValue): void {
    const s = state as unknown as AdaptiveState;
    if (s.kind !== 'adaptive' || s.mask !== this.#mask) throw linearMismatch(`${s.kind}, ${s.mask + 1} slots`);
    this.#table = new Float32Array(this.#table.length);
    for (let n = 0; n < s.indices.length; n++) {
      this.#table.set(s.slots.subarray(n * RATE, (n + 1) * RATE), s.indices[n]! * STRIDE);
    }
    this.#normSum = s.normSum;
    this.#weightSum = s.weightSum;
  }
}

interface AdaptiveState {
  readonly kind: string;
  readonly mask: number;
  readonly indices: Uint32Array;
  readonly slots: Float32Array;
  readonly normSum: number;
  readonly weightSum: number;
}

export function linearMismatch(got: string): DadinError {
  return new DadinError('DADIN_CHECKPOINT_MISMATCH', 'the linear part of the checkpoint has other settings', {
    step: 'checkpoint',
    got,
    remedy: 'resume with the linear settings the checkpoint was written with',
  });
}
