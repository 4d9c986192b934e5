import type { Sample, SeededRandom, SnapshotPool, StateValue } from '../core/index.js';

/** A uniform sample of everything ever added (Vitter 1985, algorithm R). */
export class Reservoir {
  readonly #capacity: number;
  #rows: Sample[] = [];
  #seen = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(sample: Sample, random: SeededRandom): void {
    this.#seen++;
    if (this.#rows.length < this.#capacity) this.#rows.push(sample);
    else if (this.#capacity > 0) {
      const k = random.below(this.#seen);
      if (k < this.#capacity) this.#rows[k] = sample;
    }
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Rows ever added. */
  get seen(): number {
    return this.#seen;
  }

  /** One of its rows, each as likely; there must be one. */
  pick(random: SeededRandom): Sample {
    return this.#rows[random.below(this.#rows.length)]!;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return { rows: pool.putSamples(this.#rows), seen: this.#seen };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const { rows, seen } = state as { rows: Uint32Array; seen: number };
    this.#rows = pool.samples(rows);
    this.#seen = seen;
  }
}
