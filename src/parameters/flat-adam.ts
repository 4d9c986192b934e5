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

/**
 * Adam (Kingma and Ba 2015, algorithm 1) over one flat vector: all dense parameters of a model, laid end to end.
 * Arithmetic in double, state in float32.
 */
export class FlatAdam {
  readonly #options: FlatAdamOptions;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  #steps = 0;

  constructor(length: number, options: FlatAdamOptions) {
    this.#options = options;
    this.#m = new Float32Array(length);
    this.#v = new Float32Array(length);
  }

  /** weights [length] -= learningRate mhat / (sqrt(vhat) + epsilon), for the gradient [length] of this step. */
  step(weights: Float32Array, gradient: Float32Array, learningRate: number): void {
    this.#steps++;
    const { beta1, beta2, epsilon } = this.#options;
    const m = this.#m;
    const v = this.#v;
    const step = learningRate * (1 / (1 - beta1 ** this.#steps));
    const correction = 1 / (1 - beta2 ** this.#steps);
    for (let i = 0; i < m.length; i++) {
      const g = gradient[i]!;
      const mi = unlessTiny(beta1 * m[i]! + (1 - beta1) * g);
      const vi = unlessTiny(beta2 * v[i]! + (1 - beta2) * g * g);
      m[i] = mi;
      v[i] = vi;
      weights[i]! -= (step * mi) / (Math.sqrt(vi * correction) + epsilon);
    }
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
