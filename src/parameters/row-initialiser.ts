/**
 * Start values of an embedding row, N(0, std^2), as a pure function of the seed, the id and the column: the same id
 * starts the same whatever came before it, and again after an eviction. Box and Muller over counter-based uniforms.
 */
export class RowInitialiser {
  readonly #seed: number;
  readonly #std: number;

  constructor(seed: number, std: number) {
    this.#seed = mix(seed | 0);
    this.#std = std;
  }

  /** Writes `width` values from `start` on. */
  fill(id: number, into: Float32Array, start: number, width: number): void {
    const low = mix((id | 0) ^ this.#seed);
    const high = mix(((id / 4294967296) | 0) + 0x2545f491) ^ this.#seed;
    for (let j = 0; j < width; j += 2) {
      const radius = this.#std * Math.sqrt(-2 * Math.log(1 - uniform(low, high, 2 * j)));
      const angle = 2 * Math.PI * uniform(low, high, 2 * j + 2);
      into[start + j] = radius * Math.cos(angle);
      if (j + 1 < width) into[start + j + 1] = radius * Math.sin(angle);
    }
  }
}

/** In [0, 1) with 53 bits; uses counters `k` and `k + 1`. */
function uniform(low: number, high: number, k: number): number {
  const a = mix(mix(low + Math.imul(k, 0x9e3779b1)) ^ high) >>> 5;
  const b = mix(mix(low + Math.imul(k + 1, 0x9e3779b1)) ^ high) >>> 6;
  return (a * 67108864 + b) / 9007199254740992;
}

/** Murmur3's finaliser: a bijection of 32-bit words. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
