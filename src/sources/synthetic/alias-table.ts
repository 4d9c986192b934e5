import type { SeededRandom } from '../../core/index.js';

/** Draws from a fixed discrete distribution in constant time (Walker 1977; Vose 1991). */
export class AliasTable {
  readonly #keep: Float64Array;
  readonly #alias: Int32Array;

  /** `weights` [n], not negative, not all zero. */
  constructor(weights: Float64Array) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i]!;
    const scaled = weights.map((w) => (w * n) / total);
    this.#keep = new Float64Array(n).fill(1);
    this.#alias = Int32Array.from({ length: n }, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (scaled[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const s = small.pop()!;
      const l = large[large.length - 1]!;
      this.#keep[s] = scaled[s]!;
      this.#alias[s] = l;
      scaled[l] = scaled[l]! + scaled[s]! - 1;
      if (scaled[l] < 1) small.push(large.pop()!);
    }
  }

  /** One uniform a draw: its integer part picks the cell, its fraction the side. */
  draw(random: SeededRandom): number {
    const u = random.next() * this.#keep.length;
    const cell = Math.floor(u);
    return u - cell < this.#keep[cell]! ? cell : this.#alias[cell]!;
  }
}
