import type { Stateful, StateValue } from '../core/index.js';

const EMPTY = 0;
const MAX_LOAD = 0.75;
const START_CAPACITY = 1024;

/** Open addressing over typed arrays; entries are never removed one by one. */
class Generation {
  keys = new Float64Array(START_CAPACITY);
  impressions = new Float64Array(START_CAPACITY);
  positives = new Float64Array(START_CAPACITY);
  /** Event time of the last change, the origin of the decay. */
  changedMs = new Float64Array(START_CAPACITY);
  size = 0;

  /** The slot that holds `key`, or the empty one where it would go. */
  slotOf(key: number): number {
    const mask = this.keys.length - 1;
    let slot = hashOf(key) & mask;
    while (this.keys[slot] !== key && this.keys[slot] !== EMPTY) slot = (slot + 1) & mask;
    return slot;
  }

  has(key: number): boolean {
    return this.keys[this.slotOf(key)] !== EMPTY;
  }

  put(key: number, impressions: number, positives: number, changedMs: number): void {
    let slot = this.slotOf(key);
    if (this.keys[slot] === EMPTY) {
      if (this.size + 1 > this.keys.length * MAX_LOAD) {
        this.#grow();
        slot = this.slotOf(key);
      }
      this.keys[slot] = key;
      this.size++;
    }
    this.impressions[slot] = impressions;
    this.positives[slot] = positives;
    this.changedMs[slot] = changedMs;
  }

  /** Entries in ascending order of key. */
  encode(): EncodedGeneration {
    const keys = this.keys.filter((key) => key !== EMPTY).sort();
    const slots = Uint32Array.from(keys, (key) => this.slotOf(key));
    return {
      keys,
      impressions: Float64Array.from(slots, (slot) => this.impressions[slot]!),
      positives: Float64Array.from(slots, (slot) => this.positives[slot]!),
      changedMs: Float64Array.from(slots, (slot) => this.changedMs[slot]!),
    };
  }

  static decode({ keys, impressions, positives, changedMs }: EncodedGeneration): Generation {
    const generation = new Generation();
    keys.forEach((key, i) => {
      generation.put(key, impressions[i]!, positives[i]!, changedMs[i]!);
    });
    return generation;
  }

  #grow(): void {
    const { keys, impressions, positives, changedMs } = this;
    this.keys = new Float64Array(keys.length * 2);
    this.impressions = new Float64Array(keys.length * 2);
    this.positives = new Float64Array(keys.length * 2);
    this.changedMs = new Float64Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === EMPTY) continue;
      const slot = this.slotOf(keys[i]!);
      this.keys[slot] = keys[i]!;
      this.impressions[slot] = impressions[i]!;
      this.positives[slot] = positives[i]!;
      this.changedMs[slot] = changedMs[i]!;
    }
  }
}

interface EncodedGeneration {
  readonly keys: Float64Array;
  readonly impressions: Float64Array;
  readonly positives: Float64Array;
  readonly changedMs: Float64Array;
}

/**
 * Impressions and positives by key (a positive safe integer), halving every `halfLifeMs` of event time where that is not
 * null. Two generations of `capacity / 2` keys bound it: what has not changed for longest is forgotten first.
 */
export class CounterTable implements Stateful {
  readonly #half: number;
  readonly #halfLifeMs: number | null;
  #young = new Generation();
  #old = new Generation();
  /** Keys of the old generation that are in the young one too. */
  #moved = 0;
  #evicted = 0;
  /** Impressions of the key last looked up, decayed to then. */
  impressions = 0;
  /** Positives of the key last looked up. */
  positives = 0;

  constructor(capacity: number, halfLifeMs: number | null) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
    this.#halfLifeMs = halfLifeMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size - this.#moved;
  }

  /** Keys forgotten because of the bound, so far. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Sets `impressions` and `positives` to the key's counts as of `timeMs`; an unknown key has none. */
  lookUp(key: number, timeMs: number): void {
    const generation = this.#young.has(key) ? this.#young : this.#old;
    const slot = generation.slotOf(key);
    this.impressions = generation.impressions[slot]!;
    this.positives = generation.positives[slot]!;
    if (this.#halfLifeMs === null || this.impressions === 0) return;
    const kept = 2 ** ((generation.changedMs[slot]! - timeMs) / this.#halfLifeMs);
    this.impressions *= kept;
    this.positives *= kept;
  }

  /** Adds one impression to the key's counts, of which `kept` is left first. */
  add(key: number, positive: number, timeMs: number, kept: number): void {
    this.lookUp(key, timeMs);
    if (!this.#young.has(key)) {
      if (this.#old.has(key)) this.#moved++;
      if (this.#young.size >= this.#half) this.#forgetOld();
    }
    this.#young.put(key, this.impressions * kept + 1, this.positives * kept + positive, timeMs);
  }

  /** Every key changed at or after an event time, with its counts as they were at its last change. */
  forEachSince(
    timeMs: number,
    take: (key: number, impressions: number, positives: number, changedMs: number) => void,
  ): void {
    for (const generation of [this.#young, this.#old]) {
      const { keys, impressions, positives, changedMs } = generation;
      for (let slot = 0; slot < keys.length; slot++) {
        const key = keys[slot]!;
        if (key === EMPTY || changedMs[slot]! < timeMs) continue;
        if (generation === this.#old && this.#young.has(key)) continue;
        take(key, impressions[slot]!, positives[slot]!, changedMs[slot]!);
      }
    }
  }

  /** Sets a key's counts; forgets nothing. */
  put(key: number, impressions: number, positives: number, changedMs: number): void {
    this.#young.put(key, impressions, positives, changedMs);
  }

  snapshot(): StateValue {
    return {
      young: { ...this.#young.encode() },
      old: { ...this.#old.encode() },
      moved: this.#moved,
      evicted: this.#evicted,
    };
  }

  restore(state: StateValue): void {
    const s = state as unknown as { young: EncodedGeneration; old: EncodedGeneration; moved: number; evicted: number };
    this.#young = Generation.decode(s.young);
    this.#old = Generation.decode(s.old);
    this.#moved = s.moved;
    this.#evicted = s.evicted;
  }

  #forgetOld(): void {
    this.#evicted += this.#old.size - this.#moved;
    this.#moved = 0;
    this.#old = this.#young;
    this.#young = new Generation();
  }
}

/** Murmur3's finaliser over both halves of a 53-bit key. */
function hashOf(key: number): number {
  let h = (key | 0) ^ Math.imul((key / 4294967296) | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
