import type { Sample, SeededRandom, SnapshotPool, StateValue } from '../core/index.js';

/** Draws that hit rows without replays left before a slot is given up. */
const MAX_DRAWS = 8;

/**
 * What one domain may be trained on again: the newest rows (a ring) and a uniform sample of the whole past (a reservoir,
 * Vitter 1985, algorithm R), in equal parts. A row is replayed at most `maxReplays` times (one-epoch phenomenon,
 * arXiv 2209.06053).
 */
export class ReplayBuffer {
  readonly #recencyRows: number;
  readonly #reservoirRows: number;
  readonly #maxReplays: number;
  #recent: Sample[] = [];
  #recentAt = 0;
  #reservoir: Sample[] = [];
  #seen = 0;

  constructor(recencyRows: number, reservoirRows: number, maxReplays: number) {
    this.#recencyRows = recencyRows;
    this.#reservoirRows = reservoirRows;
    this.#maxReplays = maxReplays;
  }

  /** A trained row may be replayed from now on. */
  add(sample: Sample, random: SeededRandom): void {
    if (this.#recencyRows > 0) {
      if (this.#recent.length < this.#recencyRows) this.#recent.push(sample);
      else this.#recent[this.#recentAt] = sample;
      this.#recentAt = (this.#recentAt + 1) % this.#recencyRows;
    }
    this.#seen++;
    if (this.#reservoir.length < this.#reservoirRows) this.#reservoir.push(sample);
    else if (this.#reservoirRows > 0) {
      const k = random.below(this.#seen);
      if (k < this.#reservoirRows) this.#reservoir[k] = sample;
    }
  }

  /** Up to `count` rows, each counted as replayed. */
  draw(count: number, random: SeededRandom, into: Sample[]): number {
    let drawn = 0;
    for (let slot = 0; slot < count; slot++) {
      const sample = this.#drawOne(random);
      if (sample === null) break;
      sample.replays++;
      into.push(sample);
      drawn++;
    }
    return drawn;
  }

  #drawOne(random: SeededRandom): Sample | null {
    for (let i = 0; i < MAX_DRAWS; i++) {
      const pool = random.nextUint32() & 1 ? this.#recent : this.#reservoir;
      if (pool.length === 0) continue;
      const sample = pool[random.below(pool.length)]!;
      if (sample.replays < this.#maxReplays) return sample;
    }
    return null;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      recent: pool.putSamples(this.#recent),
      recentAt: this.#recentAt,
      reservoir: pool.putSamples(this.#reservoir),
      seen: this.#seen,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as { recent: Uint32Array; recentAt: number; reservoir: Uint32Array; seen: number };
    this.#recent = pool.samples(s.recent);
    this.#recentAt = s.recentAt;
    this.#reservoir = pool.samples(s.reservoir);
    this.#seen = s.seen;
  }
}
