/**
 * A row of the linear part: hashed features as (index, value) pairs in arrays that grow and are used again for every row.
 * Indices are 32 mixed bits; a learner uses as many of them as its table has.
 */
export class LinearFeatures {
  /** [length] */
  indices = new Uint32Array(128);
  /** [length] */
  values = new Float32Array(128);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(index: number, value: number): void {
    if (this.length === this.indices.length) this.#grow();
    this.indices[this.length] = index;
    this.values[this.length++] = value;
  }

  /** Adds to the feature of this index where there is one from place `first` on. */
  pushOrAdd(index: number, value: number, first: number): void {
    for (let i = first; i < this.length; i++) {
      if (this.indices[i] !== index) continue;
      this.values[i]! += value;
      return;
    }
    this.push(index, value);
  }

  /** The products of every feature in [firstA, endA) with every one in [firstB, endB): index hashed, values multiplied. */
  cross(firstA: number, endA: number, firstB: number, endB: number): void {
    for (let a = firstA; a < endA; a++) {
      for (let b = firstB; b < endB; b++) {
        this.push(crossIndex(this.indices[a]!, this.indices[b]!), this.values[a]! * this.values[b]!);
      }
    }
  }

  #grow(): void {
    const { indices, values } = this;
    this.indices = new Uint32Array(indices.length * 2);
    this.values = new Float32Array(values.length * 2);
    this.indices.set(indices);
    this.values.set(values);
  }
}

/** 32 mixed bits of a feature id (murmur3's finaliser over both halves). */
export function indexOf(id: number): number {
  return mix((id | 0) ^ Math.imul((id / 4294967296) | 0, 0x9e3779b1));
}

/** The index of a pair; the order matters. */
export function crossIndex(a: number, b: number): number {
  return mix(Math.imul(a, 0x01000193) ^ b);
}

function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
