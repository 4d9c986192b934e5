import { type Sample, SeededRandom, type SnapshotPool, type StateValue, type TrainingRow } from '../core/index.js';
import { ReplayBuffer } from './replay-buffer.js';

export interface MixerOptions {
  /** B, rows of a step */
  readonly size: number;
  /** q in [0, 1): share of a step filled from the replay buffers */
  readonly replayShare: number;
  /** r: how often a row may be replayed */
  readonly maxReplays: number;
  readonly recencyRows: number;
  readonly reservoirRows: number;
  /** Replay lifts the target domain's share of a step to this, if (1 + r) times its natural share allows. */
  readonly minTargetShare: number;
  /** A step with fewer rows is due once event time has passed its oldest row by this. */
  readonly maxBatchDelayMs: number;
  readonly seed: number;
}

/** Of the replay of a domain that has drifted, and of the target's share then. */
const ADAPTING_REPLAY = 0.5;
const ADAPTING_TARGET_SHARE = 1.5;

/**
 * The schedule of training steps (architecture, section 2). A step is due when round(B (1 - q)) fresh rows have come, both
 * domains together, and takes them all: fresh rows are never dropped. Replay fills the rest, the target domain first;
 * where it cannot, the step is shorter.
 */
export class Mixer {
  readonly #options: MixerOptions;
  readonly #freshRows: number;
  readonly #random: SeededRandom;
  readonly #target: ReplayBuffer;
  readonly #source: ReplayBuffer;
  #fresh: TrainingRow[] = [];
  /** To the replay buffers after the next step. */
  #replayable: Sample[] = [];
  #oldestMs = Number.POSITIVE_INFINITY;
  #freshTargetSum = 0;
  #freshSum = 0;
  /** By domain code: steps left in which the domain's replay is halved and the target's share raised. */
  readonly #adapting: [source: number, target: number] = [0, 0];

  constructor(options: MixerOptions) {
    this.#options = options;
    this.#freshRows = Math.max(1, Math.round(options.size * (1 - options.replayShare)));
    this.#random = new SeededRandom(options.seed, 'mixer');
    const replays = options.replayShare > 0;
    const recency = replays ? options.recencyRows : 0;
    const reservoir = replays ? options.reservoirRows : 0;
    this.#target = new ReplayBuffer(recency, reservoir, options.maxReplays);
    this.#source = new ReplayBuffer(recency, reservoir, options.maxReplays);
  }

  /** A row to be learned, at event time `nowMs`. */
  add(row: TrainingRow, nowMs: number): void {
    if (this.#fresh.length === 0) this.#oldestMs = nowMs;
    this.#fresh.push(row);
    this.#freshSum++;
    this.#freshTargetSum += row.sample.domain;
  }

  /** The sample's label is final: after the next step it may be replayed. */
  addReplayable(sample: Sample): void {
    if (this.#options.replayShare > 0) this.#replayable.push(sample);
  }

  /** The domain has drifted: for `steps` steps half as many of its old rows are replayed, and the target's share is raised. */
  adapt(domain: number, steps: number): void {
    this.#adapting[domain === 1 ? 1 : 0] = steps;
  }

  get isFull(): boolean {
    return this.#fresh.length >= this.#freshRows;
  }

  /** Whether the rows at hand have waited for more than `maxBatchDelayMs`. */
  isOverdue(nowMs: number): boolean {
    return this.#fresh.length > 0 && nowMs - this.#oldestMs > this.#options.maxBatchDelayMs;
  }

  get waiting(): number {
    return this.#fresh.length;
  }

  /** The rows of the step that is due. */
  take(): TrainingRow[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#oldestMs = Number.POSITIVE_INFINITY;
    if (this.#options.replayShare === 0) return fresh;

    const rows = fresh.slice();
    const { size, minTargetShare, maxReplays } = this.#options;
    const share = this.#freshTargetSum / this.#freshSum;
    const [source, target] = this.#adapting.map((steps) => (steps > 0 ? ADAPTING_REPLAY : 1)) as [number, number];
    const raised = source < 1 || target < 1 ? ADAPTING_TARGET_SHARE : 1;
    const targetShare = Math.min(Math.max(share, minTargetShare) * raised, (1 + maxReplays) * share);
    const freshTarget = fresh.reduce((sum, { sample }) => sum + sample.domain, 0);
    // a step that is due early keeps the proportion of fresh and replayed rows
    const replayed = Math.round((fresh.length * (size - this.#freshRows)) / this.#freshRows);
    const wantTarget = Math.max(
      0,
      Math.min(replayed, Math.round((fresh.length + replayed) * targetShare) - freshTarget),
    );
    const drawn = this.#target.draw(Math.round(wantTarget * target), this.#random, rows);
    const wantSource = replayed - (target < 1 ? wantTarget : drawn);
    this.#source.draw(Math.round(wantSource * source), this.#random, rows);
    for (const domain of [0, 1] as const) this.#adapting[domain] = Math.max(0, this.#adapting[domain] - 1);
    for (const sample of this.#replayable) {
      (sample.domain === 1 ? this.#target : this.#source).add(sample, this.#random);
    }
    this.#replayable = [];
    return rows;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      random: this.#random.snapshot(),
      target: this.#target.snapshot(pool),
      source: this.#source.snapshot(pool),
      fresh: pool.putSamples(this.#fresh.map(({ sample }) => sample)),
      freshLabels: Uint8Array.from(this.#fresh, ({ label }) => label),
      freshWeights: Float64Array.from(this.#fresh, ({ weight }) => weight),
      replayable: pool.putSamples(this.#replayable),
      oldestMs: this.#oldestMs,
      freshTargetSum: this.#freshTargetSum,
      freshSum: this.#freshSum,
      adapting: Uint32Array.from(this.#adapting),
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as MixerState;
    this.#random.restore(s.random);
    this.#target.restore(s.target, pool);
    this.#source.restore(s.source, pool);
    this.#fresh = pool.samples(s.fresh).map((sample, i) => ({
      sample,
      label: s.freshLabels[i]!,
      weight: s.freshWeights[i]!,
    }));
    this.#replayable = pool.samples(s.replayable);
    this.#oldestMs = s.oldestMs;
    this.#freshTargetSum = s.freshTargetSum;
    this.#freshSum = s.freshSum;
    this.#adapting[0] = s.adapting[0]!;
    this.#adapting[1] = s.adapting[1]!;
  }
}

interface MixerState {
  readonly random: StateValue;
  readonly target: StateValue;
  readonly source: StateValue;
  readonly fresh: Uint32Array;
  readonly freshLabels: Uint8Array;
  readonly freshWeights: Float64Array;
  readonly replayable: Uint32Array;
  readonly oldestMs: number;
  readonly freshTargetSum: number;
  readonly freshSum: number;
  readonly adapting: Uint32Array;
}
