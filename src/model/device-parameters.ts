import type { FloatArray } from '../core/index.js';
import type { ParameterLayout } from './parameter-layout.js';
import type { Tape, TapeNode } from './tape.js';

/** A flat parameter vector as leaves of a tape; each matrix is uploaded when the forward pass first reads it. */
export class DeviceParameters<T> {
  readonly #tape: Tape<T>;
  readonly #layout: ParameterLayout;
  readonly #views: readonly FloatArray[];
  readonly #nodes: (TapeNode<T> | null)[];

  constructor(tape: Tape<T>, layout: ParameterLayout, flat: FloatArray) {
    this.#tape = tape;
    this.#layout = layout;
    this.#views = layout.views(flat);
    this.#nodes = new Array<null>(layout.matrices.length).fill(null);
  }

  get(key: string): TapeNode<T> {
    const i = this.#layout.numberOf(key);
    const known = this.#nodes[i]!;
    if (known !== null) return known;
    const { rows, cols } = this.#layout.matrices[i]!;
    const node = this.#tape.leaf(this.#tape.ops.upload(this.#views[i]!, rows, cols));
    this.#nodes[i] = node;
    return node;
  }

  /** After `backward`: gradients into a flat vector; zero where none arrived. */
  downloadGradients(into: FloatArray): void {
    const views = this.#layout.views(into);
    for (let i = 0; i < views.length; i++) {
      const gradient = this.#nodes[i]?.gradient ?? null;
      if (gradient === null) views[i]!.fill(0);
      else this.#tape.ops.download(gradient, views[i]!);
    }
  }
}
