import { bug } from '../core/index.js';

const EMPTY = 0;
const MAX_LOAD = 0.75;

/**
 * Feature id -> small integer, by open addressing over typed arrays (linear probing, deletion by backward shift): 12
 * bytes a slot, no tombstones, nothing for the garbage collector to walk. Ids are positive safe integers.
 */
export class IdMap {
  #ids: Float64Array;
  #values: Int32Array;
  #mask: number;
  #size = 0;

  constructor(expected = 16) {
    let capacity = 16;
    while (capacity * MAX_LOAD < expected) capacity *= 2;
    this.#ids = new Float64Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#ids.byteLength + this.#values.byteLength;
  }

  /** The value of `id`, or -1. */
  get(id: number): number {
    const ids = this.#ids;
    const mask = this.#mask;
    for (let slot = hashOf(id) & mask; ; slot = (slot + 1) & mask) {
      const found = ids[slot]!;
      if (found === id) return this.#values[slot]!;
      if (found === EMPTY) return -1;
    }
  }

  set(id: number, value: number): void {
    if (!(id > 0)) bug(`feature id ${id} is not positive`);
    if (this.#size + 1 > this.#ids.length * MAX_LOAD) this.#grow();
    const slot = this.#slotOf(id);
    if (this.#ids[slot] === EMPTY) {
      this.#ids[slot] = id;
      this.#size++;
    }
    this.#values[slot] = value;
  }

  /** Nothing happens when the id is not there. */
  delete(id: number): void {
    const ids = this.#ids;
    const values = this.#values;
    const mask = this.#mask;
    let hole = this.#slotOf(id);
    if (ids[hole] === EMPTY) return;
    this.#size--;
    for (let slot = (hole + 1) & mask; ids[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = hashOf(ids[slot]!) & mask;
      // an entry may move back into the hole only if its home does not lie behind the hole
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      ids[hole] = ids[slot]!;
      values[hole] = values[slot]!;
      hole = slot;
    }
    ids[hole] = EMPTY;
  }

  copy(): IdMap {
    const copy = new IdMap(0);
    copy.#ids = this.#ids.slice();
    copy.#values = this.#values.slice();
    copy.#mask = this.#mask;
    copy.#size = this.#size;
    return copy;
  }

  /** All entries in ascending order of id, whatever the history of the map. */
  entries(): { ids: Float64Array; values: Int32Array } {
    const ids = this.#ids.filter((id) => id !== EMPTY).sort();
    return { ids, values: Int32Array.from(ids, (id) => this.get(id)) };
  }

  /** The slot that holds `id`, or the empty one where it would go. */
  #slotOf(id: number): number {
    const mask = this.#mask;
    let slot = hashOf(id) & mask;
    while (this.#ids[slot] !== id && this.#ids[slot] !== EMPTY) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#ids = new Float64Array(ids.length * 2);
    this.#values = new Int32Array(ids.length * 2);
    this.#mask = ids.length * 2 - 1;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] === EMPTY) continue;
      const slot = this.#slotOf(ids[i]!);
      this.#ids[slot] = ids[i]!;
      this.#values[slot] = values[i]!;
    }
  }
}

/** 32 mixed bits of a 53-bit id (murmur3's finaliser over both halves). */
function hashOf(id: number): number {
  let h = (id | 0) ^ Math.imul((id / 4294967296) | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
