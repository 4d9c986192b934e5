import { join } from 'node:path';
import { type Checkpoint, type CheckpointDirectory, foldDigest, nameOf } from '../src/checkpoint/index.js';
import { DadinError, type Learner, type Stateful, type StateValue } from '../src/core/index.js';
import type { Fold, FoldSnapshot } from './fold.js';
import type { Turn } from './turn.js';

/** When checkpoints are taken; they change nothing in the fold. */
export interface CheckpointSchedule {
  readonly everySteps: number | null;
  readonly everyEventTimeMs: number | null;
}

/** What binds a checkpoint to its configuration. */
export interface ConfigIdentity {
  readonly config: unknown;
  /** Of its learning keys. */
  readonly digest: string;
  /** Learning keys that differ from those of a checkpoint's configuration. */
  differences(config: unknown): readonly string[];
}

/** Lengths of the output files at a checkpoint, by sink. */
export type SinkLengths = Readonly<Record<string, number>>;

/**
 * The whole state of a run, fold and learner, in and out of a checkpoint directory. Saving needs nothing under way.
 */
export class RunState {
  readonly #fold: Fold;
  readonly #learner: Learner;
  #directory: CheckpointDirectory | null;
  readonly #schedule: CheckpointSchedule;
  readonly #config: ConfigIdentity;
  readonly #sinkLengths: () => Promise<SinkLengths>;
  readonly #publisher: Pick<Stateful, 'snapshot' | 'restore'> | null;
  #savedStep = 0;
  #savedTimeMs: number | null = null;
  #newestPath: string | null = null;

  constructor(
    fold: Fold,
    learner: Learner,
    directory: CheckpointDirectory | null,
    schedule: CheckpointSchedule,
    config: ConfigIdentity,
    sinkLengths: () => Promise<SinkLengths>,
    publisher: Pick<Stateful, 'snapshot' | 'restore'> | null = null,
  ) {
    this.#fold = fold;
    this.#learner = learner;
    this.#directory = directory;
    this.#schedule = schedule;
    this.#config = config;
    this.#sinkLengths = sinkLengths;
    this.#publisher = publisher;
  }

  /** From now on checkpoints go there. */
  writeTo(directory: CheckpointDirectory): void {
    this.#directory = directory;
  }

  /** Folder of the checkpoint written or restored last. */
  get newestPath(): string | null {
    return this.#newestPath;
  }

  /** Decides by steps given out and event time, never by the clock. */
  isDue(turn: Turn): boolean {
    // a frozen learner takes no steps, and its positions must be kept all the same
    if (this.#directory === null || (turn.train.length === 0 && !this.#fold.isFrozen)) return false;
    const { everySteps, everyEventTimeMs } = this.#schedule;
    this.#savedTimeMs ??= turn.eventTimeMs;
    this.#savedStep++;
    const bySteps = everySteps !== null && this.#savedStep >= everySteps;
    const byTime = everyEventTimeMs !== null && turn.eventTimeMs - this.#savedTimeMs >= everyEventTimeMs;
    if (!bySteps && !byTime) return false;
    this.#savedStep = 0;
    this.#savedTimeMs = turn.eventTimeMs;
    return true;
  }

  async save(): Promise<void> {
    if (this.#directory === null) return;
    const snapshot = this.#fold.snapshot();
    const learner = await this.#learner.snapshot();
    const { backend, settings } = this.#learner.describe();
    const manifest = await this.#directory.write(
      {
        fold: {
          ...snapshot,
          sinks: { ...(await this.#sinkLengths()) },
          schedule: this.#scheduleState(),
          publisher: this.#publisher?.snapshot() ?? null,
        },
        learner,
      },
      {
        step: this.#fold.steps,
        events: this.#fold.counts.events,
        config: this.#config.config,
        configDigest: this.#config.digest,
        backend,
        backendSettings: settings,
        positions: this.#fold.positions.positions(),
        eventTimeMs: this.#fold.eventTimeMs,
        digest: foldDigest(snapshot.state, learner),
        metrics: this.#fold.summary(),
      },
    );
    this.#newestPath = join(this.#directory.path, nameOf(manifest.number));
  }

  /**
   * Puts fold and learner where the checkpoint stands; returns the sinks' lengths there. Learning keys must be the same
   * but for those that `mayDiffer`.
   */
  async restore(checkpoint: Checkpoint, mayDiffer: (key: string) => boolean = () => false): Promise<SinkLengths> {
    const { manifest } = checkpoint;
    const differences = this.#config.differences(manifest.config).filter((key) => !mayDiffer(key));
    if (differences.length > 0) {
      throw new DadinError('DADIN_CHECKPOINT_MISMATCH', `${checkpoint.path} was learned under another configuration`, {
        step: 'restore',
        got: `learning keys that differ: ${differences.join(', ')}`,
        expected: 'the same learning keys (all others may change freely)',
        remedy: 'restore the old values, use another directory, or adopt the change with `dadin-stream migrate`',
      });
    }
    const fold = checkpoint.fold as unknown as FoldSnapshot & {
      sinks: SinkLengths;
      schedule: StateValue;
      publisher?: StateValue;
    };
    this.#fold.restore(fold);
    await this.#learner.restore(checkpoint.learner);
    const schedule = fold.schedule as { sinceStep: number; timeMs: number | null };
    this.#savedStep = schedule.sinceStep;
    this.#savedTimeMs = schedule.timeMs;
    if (fold.publisher) this.#publisher?.restore(fold.publisher);
    this.#newestPath = checkpoint.path;
    return fold.sinks;
  }

  /** Digest of the run as it stands. */
  async digest(): Promise<string> {
    return foldDigest(this.#fold.snapshot().state, await this.#learner.snapshot());
  }

  #scheduleState(): StateValue {
    return { sinceStep: this.#savedStep, timeMs: this.#savedTimeMs };
  }
}
