import type { StateValue } from '../core/index.js';
import type { LinearFeatures } from './linear-features.js';
import type { LinearLearner } from './linear-learner.js';
import { linearMismatch } from './normalized-adaptive.js';

export interface FtrlProximalOptions {
  readonly kind: 'ftrl';
  /** The table has 2^bits slots of 8 bytes. */
  readonly bits: number;
  readonly alpha: number;
  readonly beta: number;
  readonly l1: number;
  readonly l2: number;
}

/**
 * FTRL-Proximal with per-coordinate rates (McMahan et al. 2013, algorithm 1): sparse weights, derived from the sums z and
 * n when needed.
 */
export class FtrlProximal implements LinearLearner {
  readonly #options: FtrlProximalOptions;
  readonly #mask: number;
  /** [2^bits, 2]: z, n */
  #table: Float32Array;

  constructor(options: FtrlProximalOptions) {
    this.#options = options;
    this.#mask = 2 ** options.bits - 1;
    this.#table = new Float32Array(2 * 2 ** options.bits);
  }

  predict({ indices, values, length }: LinearFeatures): number {
    let logit = 0;
    // as float32, in which a model version holds weights
    for (let i = 0; i < length; i++) logit += Math.fround(this.weight(indices[i]!)) * values[i]!;
    return logit;
  }

  learn(features: LinearFeatures, label: number, weight: number): number {
    const logit = this.predict(features);
    const gradient = weight * (1 / (1 + Math.exp(-logit)) - label);
    const { indices, values, length } = features;
    for (let i = 0; i < length; i++) this.descend(indices[i]!, gradient * values[i]!);
    return logit;
  }

  /** The weight of an index. */
  weight(index: number): number {
    const { alpha, beta, l1, l2 } = this.#options;
    const slot = (index & this.#mask) * 2;
    const z = this.#table[slot]!;
    if (Math.abs(z) <= l1) return 0;
    return -(z - Math.sign(z) * l1) / ((beta + Math.sqrt(this.#table[slot + 1]!)) / alpha + l2);
  }

  /** Rounded to float32. */
  weights(): Float32Array {
    return Float32Array.from({ length: this.#mask + 1 }, (_, index) => this.weight(index));
  }

  /** One coordinate's step for its gradient. */
  descend(index: number, gradient: number): void {
    const slot = (index & this.#mask) * 2;
    const n = this.#table[slot + 1]!;
    const squares = n + gradient * gradient;
    const sigma = (Math.sqrt(squares) - Math.sqrt(n)) / this.#options.alpha;
    this.#table[slot]! += gradient - sigma * this.weight(index);
    this.#table[slot + 1] = squares;
  }

  /** Used slots only. */
  snapshot(): StateValue {
    const table = this.#table;
    let used = 0;
    for (let slot = 1; slot < table.length; slot += 2) if (table[slot]! > 0) used++;
    const indices = new Uint32Array(used);
    const slots = new Float32Array(used * 2);
    let n = 0;
    for (let index = 0; index <= this.#mask; index++) {
      if (table[2 * index + 1] === 0) continue;
      indices[n] = index;
      slots[2 * n] = table[2 * index]!;
      slots[2 * n + 1] = table[2 * index + 1]!;
      n++;
    }
    return { kind: 'ftrl', mask: this.#mask, indices, slots };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when the table has another size */
  restore(state: StateValue): void {
    const s = state as { kind: string; mask: number; indices: Uint32Array; slots: Float32Array };
    if (s.kind !== 'ftrl' || s.mask !== this.#mask) throw linearMismatch(`${s.kind}, ${s.mask + 1} slots`);
    this.#table = new Float32Array(this.#table.length);
    for (let n = 0; n < s.indices.length; n++) {
      this.#table[2 * s.indices[n]!] = s.slots[2 * n]!;
      this.#table[2 * s.indices[n]! + 1] = s.slots[2 * n + 1]!;
    }
  }
}
