import type { Stateful, StateValue } from '../core/index.js';

/**
 * Drops events whose id was folded within the last `windowMs` of event time. Two generations of ids, each spanning one
 * window: an id is remembered for one to three windows, memory follows the event rate, forgetting is a pointer swap. Files without an id column need none.
 */
export class DuplicateFilter implements Stateful {
  readonly #windowMs: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** True the first time an id is seen within the window. Event times must not decrease. */
  isNew(eventId: string, eventTimeMs: number): boolean {
    if (eventTimeMs - this.#turnMs >= this.#windowMs) {
      // a gap of two windows leaves nothing worth keeping
      this.#old = eventTimeMs - this.#turnMs >= 2 * this.#windowMs ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnMs = eventTimeMs;
    }
    if (this.#young.has(eventId) || this.#old.has(eventId)) {
      this.#dropped++;
      return false;
    }
    this.#young.add(eventId);
    return true;
  }

  /** Whether the id is remembered; remembers nothing. */
  has(eventId: string): boolean {
    return this.#young.has(eventId) || this.#old.has(eventId);
  }

  get dropped(): number {
    return this.#dropped;
  }

  snapshot(): StateValue {
    return { young: [...this.#young], old: [...this.#old], turnMs: this.#turnMs, dropped: this.#dropped };
  }

  restore(state: StateValue): void {
    const s = state as { young: readonly string[]; old: readonly string[]; turnMs: number; dropped: number };
    this.#young = new Set(s.young);
    this.#old = new Set(s.old);
    this.#turnMs = s.turnMs;
    this.#dropped = s.dropped;
  }
}
