import type { Sample, SeededRandom, SnapshotPool, StateValue, TrainingRow } from '../core/index.js';
import { Reservoir } from './reservoir.js';

/** Draws that hit rows without replays left before a slot is given up. */
const MAX_DRAWS = 8;
/** Below this click rate the clicks are kept apart as well, since a uniform sample of the past would lose most of them. */
const RARE = 0.05;
/** Part of what a class is owed that one row of it is given: smooths the weights over ten rows of the class. */
const GIVEN = 0.1;

/**
 * What one domain may be trained on again: the newest rows (a ring) and a uniform sample of the whole past (a reservoir),
 * in equal parts. A row is replayed at most `maxReplays` times (one-epoch phenomenon, arXiv 2209.06053).
 *
 * Beside the reservoir stands another of clicks alone, half as large: while clicks are rare every row of the two is as
 * likely, so clicks are replayed oftener than they came; rows are weighted back, so that clicks weigh their share of the
 * past.
 */
export class ReplayBuffer {
  readonly #recencyRows: number;
  readonly #maxReplays: number;
  #recent: Sample[] = [];
  #recentAt = 0;
  readonly #past: Reservoir;
  readonly #clicks: Reservoir;
  /** Weight owed to [others, clicks] while clicks are rare; null before the first such draw. */
  #owed: readonly [others: number, clicks: number] | null = null;

  constructor(recencyRows: number, reservoirRows: number, maxReplays: number) {
    this.#recencyRows = recencyRows;
    this.#maxReplays = maxReplays;
    this.#past = new Reservoir(reservoirRows);
    this.#clicks = new Reservoir(Math.floor(reservoirRows / 2));
  }

  /** A trained row whose label is final may be replayed from now on. */
  add(sample: Sample, random: SeededRandom): void {
    if (this.#recencyRows > 0) {
      if (this.#recent.length < this.#recencyRows) this.#recent.push(sample);
      else this.#recent[this.#recentAt] = sample;
      this.#recentAt = (this.#recentAt + 1) % this.#recencyRows;
    }
    this.#past.add(sample, random);
    if (sample.label === 1) this.#clicks.add(sample, random);
  }

  /** Up to `count` rows, each counted as replayed. */
  draw(count: number, random: SeededRandom, into: TrainingRow[]): number {
    let drawn = 0;
    for (let slot = 0; slot < count; slot++) {
      const row = this.#drawOne(random);
      if (row === null) break;
      row.sample.replays++;
      into.push(row);
      drawn++;
    }
    return drawn;
  }

  #drawOne(random: SeededRandom): TrainingRow | null {
    for (let i = 0; i < MAX_DRAWS; i++) {
      if (random.nextUint32() & 1) {
        if (this.#recent.length === 0) continue;
        const sample = this.#recent[random.below(this.#recent.length)]!;
        if (sample.replays < this.#maxReplays) return { sample, label: sample.label, weight: 1 };
      } else {
        const sample = this.#pick(random);
        if (sample !== null && sample.replays < this.#maxReplays) {
          return { sample, label: sample.label, weight: this.#weightOf(sample.label) };
        }
      }
    }
    return null;
  }

  #pick(random: SeededRandom): Sample | null {
    if (this.#past.size === 0) return null;
    const isFromClicks = this.#areClicksRare && random.next() < this.#clicksShare;
    return (isFromClicks ? this.#clicks : this.#past).pick(random);
  }

  /**
   * Every draw owes each class its share of the past, and a row is given a part of what its class is owed. So the weights
   * add up whatever is drawn: rows without replays left are passed over, which happens to clicks first.
   */
  #weightOf(label: number): number {
    if (!this.#areClicksRare) return 1;
    const rate = this.#clickRate;
    const drawn = this.#clicksShare + (1 - this.#clicksShare) * rate;
    const [others, clicks] = this.#owed ?? [(1 - rate) / (1 - drawn) / GIVEN, rate / drawn / GIVEN];
    const owed = [others + 1 - rate, clicks + rate] as const;
    const weight = GIVEN * (label === 1 ? owed[1] : owed[0]);
    this.#owed = label === 1 ? [owed[0], owed[1] - weight] : [owed[0] - weight, owed[1]];
    return weight;
  }

  get #clickRate(): number {
    return this.#clicks.seen / this.#past.seen;
  }

  get #areClicksRare(): boolean {
    return this.#clicks.size > 0 && this.#clickRate < RARE;
  }

  get #clicksShare(): number {
    return this.#clicks.size / (this.#clicks.size + this.#past.size);
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      recent: pool.putSamples(this.#recent),
      recentAt: this.#recentAt,
      past: this.#past.snapshot(pool),
      clicks: this.#clicks.snapshot(pool),
      owed: this.#owed,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as ReplayBufferState;
    this.#recent = pool.samples(s.recent);
    this.#recentAt = s.recentAt;
    this.#past.restore(s.past, pool);
    this.#clicks.restore(s.clicks, pool);
    this.#owed = s.owed;
  }
}

interface ReplayBufferState {
  readonly recent: Uint32Array;
  readonly recentAt: number;
  readonly past: StateValue;
  readonly clicks: StateValue;
  readonly owed: readonly [number, number] | null;
}
