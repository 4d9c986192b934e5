import { bug } from '../core/index.js';
import type { Workspace } from './workspace.js';

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

/** Adam over arrays in the kernel's memory, in float32 vectors; matrices of such arrays take no copying. */
export class FusedAdam {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Zeros that stay where they are as long as the kernel lives. Outside scopes only. */
  floats(length: number): Float32Array {
    const { arena } = this.#workspace;
    const pointer = arena.allocate(4 * length);
    return arena.view(pointer, length).fill(0);
  }

  /** One step: weights, gradient, m and v [n] of `floats`. */
  step(weights: Float32Array, gradient: Float32Array, m: Float32Array, v: Float32Array, factors: AdamFactors): void {
    const { beta1, beta2, step, correction, epsilon } = factors;
    const { kernel } = this.#workspace;
    const at = (x: Float32Array): number => this.#address(x, m.length);
    const moments = [beta1, 1 - beta1, beta2, 1 - beta2] as const;
    kernel.adam(at(weights), at(gradient), at(m), at(v), m.length, ...moments, step, correction, epsilon);
  }

  /** Whether all magnitudes are numbers of at most `limit`; x of `floats`. */
  within(x: Float32Array, limit: number): boolean {
    return this.#workspace.kernel.within(this.#address(x, x.length), x.length, limit) !== 0;
  }

  #address(x: Float32Array, length: number): number {
    if (!this.#workspace.arena.owns(x) || x.length !== length) bug(`adam: ${x.length} values, ${length} expected here`);
    return x.byteOffset;
  }
}
