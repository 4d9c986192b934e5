import type { Stateful, StateValue } from '../core/index.js';
import { IdMap } from './id-map.js';

/**
 * How often ids without a row have been seen (algorithm D.9). Exact while an id is among the `capacity / 2` most
 * recently first-seen ones; two generations bound the memory, and an id forgotten this way starts again from 0.
 */
export class AdmissionCounter implements Stateful {
  readonly #half: number;
  #young = new IdMap();
  #old = new IdMap();

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  get bytes(): number {
    return this.#young.bytes + this.#old.bytes;
  }

  /** Counts one more sight of `id` and returns how many there were, this one included. */
  seen(id: number): number {
    const young = this.#young.get(id);
    const count = 1 + Math.max(0, young, this.#old.get(id));
    if (young < 0) {
      this.#old.delete(id);
      if (this.#young.size >= this.#half) {
        this.#old = this.#young;
        this.#young = new IdMap();
      }
    }
    this.#young.set(id, count);
    return count;
  }

  /** Frees the counter of an id that got its row. */
  forget(id: number): void {
    this.#young.delete(id);
    this.#old.delete(id);
  }

  copy(): AdmissionCounter {
    const copy = new AdmissionCounter(2 * this.#half);
    copy.#young = this.#young.copy();
    copy.#old = this.#old.copy();
    return copy;
  }

  snapshot(): StateValue {
    return { young: this.#young.entries(), old: this.#old.entries() };
  }

  restore(state: StateValue): void {
    const { young, old } = state as unknown as { young: Entries; old: Entries };
    this.#young = mapOf(young);
    this.#old = mapOf(old);
  }
}

type Entries = ReturnType<IdMap['entries']>;

function mapOf({ ids, values }: Entries): IdMap {
  const map = new IdMap(ids.length);
  for (let i = 0; i < ids.length; i++) map.set(ids[i]!, values[i]!);
  return map;
}
