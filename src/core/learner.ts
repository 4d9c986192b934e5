import type { Adaptation } from './adaptation.js';
import type { NamedTensor } from './named-tensor.js';
import type { SampleBatch } from './sample-batch.js';
import type { ServingPart } from './serving.js';
import type { StateValue } from './stateful.js';

/** What a step did; every number here is a deterministic function of the fold except where said. */
export interface StepReport {
  /** Steps taken, this one included; a discarded step counts. */
  readonly step: number;
  readonly rows: number;
  /** Losses of algorithm A.2; null where the loss was skipped (one-domain batch, ablation) */
  readonly lossLabel: number;
  readonly lossDomain: number | null;
  readonly lossClass1: number | null;
  readonly lossClass0: number | null;
  /** Reversal strength used in this step. */
  readonly reversal: number;
  /** Entropy H of the domain prior: the loss of a fully confused discriminator. */
  readonly confusedLoss: number;
  /** What the race of the automatic adversary shows; null where there is none. */
  readonly race: RaceReport | null;
  /** Non-finite step thrown away. */
  readonly discarded: boolean;
  /** The guard copy was put back after this step. */
  readonly restored: boolean;
  /** Mean interest weights (v_user, v_targetHist, v_sourceHist) of negative and positive target rows; null without any. */
  readonly interestNegative: readonly [number, number, number] | null;
  readonly interestPositive: readonly [number, number, number] | null;
}

/** A model with the adversary beside one without it, judged on the target rows of every step before they are learned. */
export interface RaceReport {
  /** Whether the scores come from the model with the adversary. */
  readonly adversary: boolean;
  /** Log loss without minus log loss with the adversary, nats a target row, recent rows weighing more: > 0, it helps. */
  readonly recentGain: number;
  /** The same over the whole run, with its 95 % interval; null before two target rows. */
  readonly gain: number | null;
  readonly gainLow: number | null;
  readonly gainHigh: number | null;
}

/** The learner's part of the fold, split as a checkpoint is: serving weights, optimizer slots, the rest. */
export interface LearnerState {
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
  /** admission counters, governor, guard copy, random generator, step count, free list... */
  readonly rest: StateValue;
  /** What is known of changes since the last published version; no part of any digest, and absent in older checkpoints. */
  readonly publishing?: StateValue;
}

export interface LearnerDescription {
  /** `fused`, `tfjs-node`, `tfjs-wasm` */
  readonly backend: string;
  /** e.g. TensorFlow version, threads, oneDNN flag; digests compare only between equal settings */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly denseParameters: number;
}

/**
 * The training side of the seam, owned by its own thread. Calls are executed strictly in the order they are made, so a
 * score asked for after a train sees that step's weights. Batches are transferred: do not touch them afterwards.
 */
export interface Learner {
  /** Logits [B], the linear offset included. Never allocates rows. Bits of a row do not depend on its company. */
  score(batch: SampleBatch): Promise<Float32Array>;
  /** `eventTimeMs`: newest event time in the batch, for row expiry. `adaptation`: what a drift alarm asks for, before the step. */
  train(batch: SampleBatch, eventTimeMs: number, adaptation?: Adaptation | null): Promise<StepReport>;
  describe(): LearnerDescription;
  /** Live rows by namespace, tensors alive, bytes: for gauges and memory tests. */
  inspect(): Promise<LearnerGauges>;
  snapshot(): Promise<LearnerState>;
  restore(state: LearnerState): Promise<void>;
  /** As `Serving`, of the weights. */
  serving(whole: string | null): Promise<ServingPart>;
  published(): Promise<void>;
  close(): Promise<void>;
}

export interface LearnerGauges {
  readonly rows: Readonly<Record<string, number>>;
  readonly tensors: number;
  readonly tableBytes: number;
  readonly evictedRows: number;
}
