import type { Stateful, StateValue } from '../core/index.js';

/** Ids remembered as removed; beyond it a whole version is smaller anyway. */
const MAX_REMOVED = 1_000_000;

/**
 * Since when, in event time, rows of a table may differ from those of the last published version, and which are gone.
 * Exact, or it says that it does not know and why.
 */
export class UnpublishedRows implements Stateful {
  #nowMs = Number.NEGATIVE_INFINITY;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #removed = new Set<number>();
  #unknownBecause: string | null = 'nothing was published before';

  /** Why changes are not known; null where they are. */
  get unknownBecause(): string | null {
    return this.#unknownBecause;
  }

  /** Rows touched earlier than this have not changed, where changes are known. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Event time of the next changes. Must not decrease. */
  advance(timeMs: number): void {
    this.#nowMs = timeMs;
  }

  remove(id: number): void {
    if (this.#unknownBecause !== null) return;
    this.#removed.add(id);
    if (this.#removed.size > MAX_REMOVED) this.forget(`more than ${MAX_REMOVED} rows were evicted`);
  }

  /** Ascending; the row of an id that came back is among the rows too. */
  removed(): Float64Array {
    return Float64Array.from(this.#removed).sort();
  }

  /** Changes are no longer known. */
  forget(because: string): void {
    this.#unknownBecause ??= because;
    this.#removed = new Set();
  }

  published(): void {
    this.#unknownBecause = null;
    this.#sinceMs = this.#nowMs;
    this.#removed = new Set();
  }

  snapshot(): StateValue {
    return {
      nowMs: this.#nowMs,
      sinceMs: this.#sinceMs,
      removed: this.removed(),
      unknownBecause: this.#unknownBecause,
    };
  }

  restore(state: StateValue): void {
    const s = state as { nowMs: number; sinceMs: number; removed: Float64Array; unknownBecause: string | null };
    this.#nowMs = s.nowMs;
    this.#sinceMs = s.sinceMs;
    this.#removed = new Set(s.removed);
    this.#unknownBecause = s.unknownBecause;
  }
}
