import type { Sample, SnapshotPool, StateValue } from '../core/index.js';

/**
 * Impressions whose window has closed without a click, for as long again: a click that still comes puts the figures right,
 * though nothing is learned from it. Their figures are provisional until then.
 */
export class ClosedLabels {
  readonly #windowMs: number;
  readonly #maxRows: number;
  /** By impression key; insertion order is that of event time. */
  readonly #closed = new Map<string, Sample>();
  /** By domain code. */
  #rows: [source: number, target: number] = [0, 0];

  /** Beyond `maxRows` the oldest are final before their time. */
  constructor(attributionWindowMs: number, maxRows: number) {
    this.#windowMs = attributionWindowMs;
    this.#maxRows = maxRows;
  }

  /** Impressions whose label may still be put right, by domain code. */
  get rows(): readonly [source: number, target: number] {
    return [...this.#rows];
  }

  add(key: string, sample: Sample): void {
    this.take(key); // an id used again: the newest stands for it, at the end
    this.#closed.set(key, sample);
    this.#rows[sample.domain]!++;
    if (this.#closed.size <= this.#maxRows) return;
    for (const [oldest] of this.#closed) {
      this.take(oldest);
      break;
    }
  }

  /** A click: the impression whose label it puts right, or null. */
  take(key: string): Sample | null {
    const sample = this.#closed.get(key);
    if (sample === undefined) return null;
    this.#closed.delete(key);
    this.#rows[sample.domain]!--;
    return sample;
  }

  /** Event time reaches `timeMs`: labels of two windows ago are final. */
  advance(timeMs: number): void {
    for (const [key, { eventTimeMs }] of this.#closed) {
      if (eventTimeMs + 2 * this.#windowMs >= timeMs) return;
      this.take(key);
    }
  }

  snapshot(pool: SnapshotPool): StateValue {
    return { keys: [...this.#closed.keys()], samples: pool.putSamples([...this.#closed.values()]) };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const { keys, samples } = state as unknown as { keys: readonly string[]; samples: Uint32Array };
    this.#closed.clear();
    this.#rows = [0, 0];
    for (const [i, sample] of pool.samples(samples).entries()) this.add(keys[i]!, sample);
  }
}
