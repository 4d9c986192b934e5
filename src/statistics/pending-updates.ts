import type { Stateful, StateValue } from '../core/index.js';

/** Updates held back until event time moves on: key, positive, and what it leaves of the key's counts, in the order they came. */
export class PendingUpdates implements Stateful {
  #keys = new Float64Array(256);
  #positives = new Uint8Array(256);
  #kept = new Float64Array(256);
  #length = 0;

  add(key: number, positive: number, kept: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys[this.#length] = key;
    this.#positives[this.#length] = positive;
    this.#kept[this.#length++] = kept;
  }

  /** Hands all of them out and forgets them. */
  drain(take: (key: number, positive: number, kept: number) => void): void {
    this.forEach(take);
    this.#length = 0;
  }

  forEach(take: (key: number, positive: number, kept: number) => void): void {
    for (let i = 0; i < this.#length; i++) take(this.#keys[i]!, this.#positives[i]!, this.#kept[i]!);
  }

  snapshot(): StateValue {
    const end = this.#length;
    return { keys: this.#keys.slice(0, end), positives: this.#positives.slice(0, end), kept: this.#kept.slice(0, end) };
  }

  restore(state: StateValue): void {
    const { keys, positives, kept } = state as { keys: Float64Array; positives: Uint8Array; kept: Float64Array };
    this.#length = 0;
    keys.forEach((key, i) => {
      this.add(key, positives[i]!, kept[i]!);
    });
  }

  #grow(): void {
    const keys = this.#keys;
    const positives = this.#positives;
    const kept = this.#kept;
    this.#keys = new Float64Array(keys.length * 2);
    this.#positives = new Uint8Array(keys.length * 2);
    this.#kept = new Float64Array(keys.length * 2);
    this.#keys.set(keys);
    this.#positives.set(positives);
    this.#kept.set(kept);
  }
}
