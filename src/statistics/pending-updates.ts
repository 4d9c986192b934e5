import type { Stateful, StateValue } from '../core/index.js';

/** Updates held back until event time moves on: (key, positive) pairs in the order they came. */
export class PendingUpdates implements Stateful {
  #keys = new Float64Array(256);
  #positives = new Uint8Array(256);
  #length = 0;

  add(key: number, positive: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys[this.#length] = key;
    this.#positives[this.#length++] = positive;
  }

  /** Hands all of them out and forgets them. */
  drain(take: (key: number, positive: number) => void): void {
    this.forEach(take);
    this.#length = 0;
  }

  forEach(take: (key: number, positive: number) => void): void {
    for (let i = 0; i < this.#length; i++) take(this.#keys[i]!, this.#positives[i]!);
  }

  snapshot(): StateValue {
    return { keys: this.#keys.slice(0, this.#length), positives: this.#positives.slice(0, this.#length) };
  }

  restore(state: StateValue): void {
    const { keys, positives } = state as { keys: Float64Array; positives: Uint8Array };
    this.#length = 0;
    keys.forEach((key, i) => {
      this.add(key, positives[i]!);
    });
  }

  #grow(): void {
    const keys = this.#keys;
    const positives = this.#positives;
    this.#keys = new Float64Array(keys.length * 2);
    this.#positives = new Uint8Array(keys.length * 2);
    this.#keys.set(keys);
    this.#positives.set(positives);
  }
}
