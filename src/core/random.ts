import type { Stateful, StateValue } from './stateful.js';

/**
 * Seeded random numbers for everything in the fold: xoshiro128** (Blackman and Vigna 2018), whose four words are the
 * whole state. Never cryptographic.
 */
export class SeededRandom implements Stateful {
  #words = new Uint32Array(4);

  /** `stream` separates independent users of one seed. */
  constructor(seed: number, stream = '') {
    let h = (seed ^ 0x9e3779b9) >>> 0;
    for (let i = 0; i < stream.length; i++) h = Math.imul(h ^ stream.charCodeAt(i), 0x01000193) >>> 0;
    // splitmix32 fills the words; all zero cannot come out of four successive outputs
    for (let i = 0; i < 4; i++) {
      h = (h + 0x9e3779b9) >>> 0;
      let z = h;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#words[i] = (z ^ (z >>> 15)) >>> 0;
    }
  }

  /** Uniform 32-bit unsigned integer. */
  nextUint32(): number {
    const w = this.#words;
    const x = Math.imul(w[1]!, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = w[1]! << 9;
    w[2]! ^= w[0]!;
    w[3]! ^= w[1]!;
    w[1]! ^= w[2]!;
    w[0]! ^= w[3]!;
    w[2]! ^= t;
    w[3] = (w[3]! << 11) | (w[3]! >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  next(): number {
    return ((this.nextUint32() >>> 5) * 67108864 + (this.nextUint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Standard normal by Box and Muller; two uniforms a call, nothing kept, so the state stays four words. */
  normal(): number {
    const u = 1 - this.next();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next());
  }

  snapshot(): StateValue {
    return this.#words.slice();
  }

  restore(state: StateValue): void {
    this.#words = (state as Uint32Array).slice();
  }
}
