import { DadinError, type NamedTensor } from '../core/index.js';
import { unlessTiny } from './unless-tiny.js';

export interface FlatAdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the root of the corrected second moment. */
  readonly epsilon: number;
}

/** Slots of a checkpoint: `dense.m`, `dense.v` float32 [length] and the steps taken. */
export interface FlatAdamState {
  readonly optimizer: readonly NamedTensor[];
  readonly steps: number;
}

/** What Adam multiplies by in one step. */
interface AdamFactors {
  readonly beta1: number;
  readonly beta2: number;
  /** Learning rate over 1 - beta1^t. */
  readonly step: number;
  /** 1 over 1 - beta2^t. */
  readonly correction: number;
  readonly epsilon: number;
}

/** Memory for dense weights and the loop that steps them: an engine with vectors of its own brings both. */
export interface AdamLoop {
  /** Zeros that stay where they are. */
  floats(length: number): Float32Array;
  /** One step: weights, gradient, m and v [n], all of `floats`. */
  step(weights: Float32Array, gradient: Float32Array, m: Float32Array, v: Float32Array, factors: AdamFactors): void;
  /** Whether all magnitudes are numbers of at most `limit`; x of `floats`. */
  within(x: Float32Array, limit: number): boolean;
}

/** Arithmetic in double, for arrays of any memory. */
export const PLAIN_ADAM_LOOP: AdamLoop = {
  // shared, so that threads which work on slices may read the weights
  floats: (length) => new Float32Array(new SharedArrayBuffer(4 * length)),
  step(weights, gradient, m, v, { beta1, beta2, step, correction, epsilon }) {
    for (let i = 0; i < m.length; i++) {
      const g = gradient[i]!;
      const mi = unlessTiny(beta1 * m[i]! + (1 - beta1) * g);
      const vi = unlessTiny(beta2 * v[i]! + (1 - beta2) * g * g);
      m[i] = mi;
      v[i] = vi;
      weights[i]! -= (step * mi) / (Math.sqrt(vi * correction) + epsilon);
    }
  },
  within(x, limit) {
    for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i]!) <= limit)) return false;
    return true;
  },
};

/**
 * Adam (Kingma and Ba 2015, algorithm 1) over one flat vector: all dense parameters of a model, laid end to end. State in
 * float32.
 */
export class FlatAdam {
  readonly #options: FlatAdamOptions;
  readonly #loop: AdamLoop;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  #steps = 0;

  /** Weights and gradients of its steps lie in memory of `loop`. */
  constructor(length: number, options: FlatAdamOptions, loop = PLAIN_ADAM_LOOP) {
    this.#options = options;
    this.#loop = loop;
    this.#m = loop.floats(length);
    this.#v = loop.floats(length);
  }

  /** weights [length] -= learningRate mhat / (sqrt(vhat) + epsilon), for the gradient [length] of this step. */
  step(weights: Float32Array, gradient: Float32Array, learningRate: number): void {
    this.#steps++;
    const { beta1, beta2, epsilon } = this.#options;
    const step = learningRate * (1 / (1 - beta1 ** this.#steps));
    const correction = 1 / (1 - beta2 ** this.#steps);
    this.#loop.step(weights, gradient, this.#m, this.#v, { beta1, beta2, step, correction, epsilon });
  }

  fadeSecondMoments(factor: number): void {
    for (let i = 0; i < this.#v.length; i++) this.#v[i]! *= factor;
  }

  snapshot(): FlatAdamState {
    const shape = [this.#m.length];
    return {
      optimizer: [
        { name: 'dense.m', shape, data: this.#m.slice() },
        { name: 'dense.v', shape, data: this.#v.slice() },
      ],
      steps: this.#steps,
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when the slots have another length */
  restore(state: FlatAdamState): void {
    for (const [name, slot] of [
      ['dense.m', this.#m],
      ['dense.v', this.#v],
    ] as const) {
      const data = state.optimizer.find((tensor) => tensor.name === name)?.data;
      if (data?.length !== slot.length) {
        throw new DadinError('DADIN_CHECKPOINT_MISMATCH', `${name} of the checkpoint does not fit this model`, {
          step: 'checkpoint',
          got: `${data?.length ?? 'no'} values`,
          expected: `${slot.length} values`,
          remedy: 'resume with the model settings the checkpoint was written with',
        });
      }
      slot.set(data);
    }
    this.#steps = state.steps;
  }
}
