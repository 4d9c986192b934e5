import type { Slab } from './slab.js';
import { unlessTiny } from './unless-tiny.js';

/** Kingma and Ba 2015, one step count a row. */
interface RowAdamOptions {
  readonly kind: 'adam';
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the root of the corrected second moment. */
  readonly epsilon: number;
}

/** Row-wise AdaGrad (algorithm D.8): one accumulator a row. */
interface RowAdagradOptions {
  readonly kind: 'adagrad';
  readonly epsilon: number;
  /** The accumulator is multiplied by this before each addition: 1 is plain AdaGrad, .999 keeps frequent rows learning. */
  readonly decay: number;
}

export type RowOptimizerOptions = RowAdamOptions | RowAdagradOptions;

/** One rule that moves one row; its slots lie beside the row in the slab, `slotWidths[k]` floats in slot k. */
export interface RowOptimizer {
  readonly slotNames: readonly string[];
  /** Floats a row in each slot. */
  readonly slotWidths: readonly number[];
  /** `row`: place in the slab; `at`: start of its gradient; `updates`: how many updates this row has had, this one included. */
  update(slab: Slab, row: number, gradients: Float32Array, at: number, learningRate: number, updates: number): void;
}

export function rowOptimizer(options: RowOptimizerOptions, width: number): RowOptimizer {
  return options.kind === 'adam' ? new RowAdam(options, width) : new RowAdagrad(options, width);
}

/**
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= lr mhat / (sqrt(vhat) + eps), corrections by the row's own count,
 * so that a rare id's first update is a step of lr and not of 3.2 lr.
 */
class RowAdam implements RowOptimizer {
  readonly slotNames = ['m', 'v'];
  readonly slotWidths: readonly number[];
  readonly #options: RowAdamOptions;
  readonly #width: number;
  readonly #correction1: BiasCorrection;
  readonly #correction2: BiasCorrection;

  constructor(options: RowAdamOptions, width: number) {
    this.#options = options;
    this.#width = width;
    this.slotWidths = [width, width];
    this.#correction1 = new BiasCorrection(options.beta1);
    this.#correction2 = new BiasCorrection(options.beta2);
  }

  update(slab: Slab, row: number, gradients: Float32Array, at: number, learningRate: number, updates: number): void {
    const { beta1, beta2, epsilon } = this.#options;
    const width = this.#width;
    const weights = slab.weights;
    const m = slab.slots[0]!;
    const v = slab.slots[1]!;
    const step = learningRate * this.#correction1.of(updates);
    const correction = this.#correction2.of(updates);
    let i = row * width;
    for (let j = at; j < at + width; j++, i++) {
      const g = gradients[j]!;
      const mi = unlessTiny(beta1 * m[i]! + (1 - beta1) * g);
      const vi = unlessTiny(beta2 * v[i]! + (1 - beta2) * g * g);
      m[i] = mi;
      v[i] = vi;
      weights[i]! -= (step * mi) / (Math.sqrt(vi * correction) + epsilon);
    }
  }
}

/** Enough for beta = .9996. */
const MOST_TABULATED = 100_000;

/** 1 / (1 - beta^t), tabulated until it is 1 to the last bit: powers are slow beside a row of sixteen. */
class BiasCorrection {
  readonly #beta: number;
  readonly #byUpdates: Float64Array;

  constructor(beta: number) {
    this.#beta = beta;
    let length = 1;
    while (length < MOST_TABULATED && 1 / (1 - beta ** length) !== 1) length++;
    this.#byUpdates = Float64Array.from({ length }, (_, t) => 1 / (1 - beta ** t));
  }

  of(updates: number): number {
    const tabulated = this.#byUpdates.length;
    if (updates < tabulated) return this.#byUpdates[updates]!;
    return tabulated < MOST_TABULATED ? 1 : 1 / (1 - this.#beta ** updates);
  }
}

/** acc = decay acc + mean(g^2), w -= lr g / (sqrt(acc) + eps). */
class RowAdagrad implements RowOptimizer {
  readonly slotNames = ['accumulator'];
  readonly slotWidths = [1];
  readonly #options: RowAdagradOptions;
  readonly #width: number;

  constructor(options: RowAdagradOptions, width: number) {
    this.#options = options;
    this.#width = width;
  }

  update(slab: Slab, row: number, gradients: Float32Array, at: number, learningRate: number): void {
    const { epsilon, decay } = this.#options;
    const width = this.#width;
    const weights = slab.weights;
    const accumulator = slab.slots[0]!;
    let squares = 0;
    for (let j = at; j < at + width; j++) squares += gradients[j]! * gradients[j]!;
    const sum = decay * accumulator[row]! + squares / width;
    accumulator[row] = sum;
    const step = learningRate / (Math.sqrt(sum) + epsilon);
    let i = row * width;
    for (let j = at; j < at + width; j++, i++) weights[i]! -= step * gradients[j]!;
  }
}
