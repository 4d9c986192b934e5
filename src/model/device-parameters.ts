import type { FloatArray } from '../core/index.js';
import type { ParameterLayout } from './parameter-layout.js';
import type { Tape, TapeNode } from './tape.js';

/** A flat parameter vector as leaves of a tape; each matrix is uploaded when the forward pass first reads it. */
export class DeviceParameters<T> {
  readonly #tape: Tape<T>;
  readonly #layout: ParameterLayout;
  readonly #flat: FloatArray;
  readonly #nodes = new Map<string, TapeNode<T>>();

  constructor(tape: Tape<T>, layout: ParameterLayout, flat: FloatArray) {
    this.#tape = tape;
    this.#layout = layout;
    this.#flat = flat;
  }

  get(key: string): TapeNode<T> {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      const { rows, cols } = this.#layout.get(key);
      node = this.#tape.leaf(this.#tape.ops.upload(this.#layout.view(this.#flat, key), rows, cols));
      this.#nodes.set(key, node);
    }
    return node;
  }

  /** After `backward`: gradients into a flat vector; zero where none arrived. */
  downloadGradients(into: FloatArray): void {
    for (const { key } of this.#layout.matrices) {
      const view = this.#layout.view(into, key);
      const gradient = this.#nodes.get(key)?.gradient ?? null;
      if (gradient === null) view.fill(0);
      else this.#tape.ops.download(gradient, view);
    }
  }
}
