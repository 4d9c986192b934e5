import type { Ops } from '../core/index.js';

/** A matrix on the tape. */
export interface TapeNode<T> {
  readonly value: T;
  /** Sum of the adjoints that arrived so far; null before the first. */
  gradient: T | null;
  /** False for inputs nobody differentiates: layers skip their adjoints. */
  readonly differentiable: boolean;
}

/**
 * Reverse-mode differentiation over layers with hand-written adjoints. A layer computes its value at once and, where the
 * tape records, leaves a closure for the way back. The tape that does not record is the scoring path: the same forward
 * text without closures.
 */
export class Tape<T> {
  readonly ops: Ops<T>;
  readonly recording: boolean;
  readonly #steps: (() => void)[] = [];

  constructor(ops: Ops<T>, recording: boolean) {
    this.ops = ops;
    this.recording = recording;
  }

  /** A leaf: parameters and inputs that are learned. */
  leaf(value: T): TapeNode<T> {
    return { value, gradient: null, differentiable: this.recording };
  }

  constant(value: T): TapeNode<T> {
    return { value, gradient: null, differentiable: false };
  }

  /**
   * A layer's output. `adjoint` turns the gradient of the output into those of the inputs, by `accumulate`; it is kept
   * only where the tape records and one of the inputs is differentiable, and runs only when a gradient arrived.
   */
  layer(value: T, inputs: readonly TapeNode<T>[], adjoint: (gradient: T) => void): TapeNode<T> {
    if (!this.recording || !inputs.some(isDifferentiable)) return this.constant(value);
    const node: TapeNode<T> = { value, gradient: null, differentiable: true };
    this.#steps.push(() => {
      if (node.gradient !== null) adjoint(node.gradient);
    });
    return node;
  }

  accumulate(node: TapeNode<T>, gradient: T): void {
    if (!node.differentiable) return;
    node.gradient = node.gradient === null ? gradient : this.ops.add(node.gradient, gradient);
  }

  /** Runs all adjoints, last layer first, from the gradients put on the outputs with `accumulate`. */
  backward(): void {
    for (let i = this.#steps.length - 1; i >= 0; i--) this.#steps[i]!();
  }
}

function isDifferentiable(node: TapeNode<unknown>): boolean {
  return node.differentiable;
}
