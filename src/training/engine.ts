import {
  type Adaptation,
  bug,
  DOMAIN_CODE,
  type LearnerDescription,
  type LearnerGauges,
  type LearnerState,
  type Ops,
  type SampleBatch,
  SeededRandom,
  type Serving,
  type ServingPart,
  type StateValue,
  type StepReport,
} from '../core/index.js';
import { AdversaryGovernor, worstDiscriminatorLoss } from '../model/governor.js';
import { type EmbeddedBatch, hasAdversary } from '../model/gradients.js';
import type { Losses } from '../model/losses.js';
import { lossWeights } from '../model/model-options.js';
import { ClassThreshold } from '../model/threshold.js';
import { type AdamLoop, PLAIN_ADAM_LOOP } from '../parameters/index.js';
import { isStalled, StepGuard } from './engine-guard.js';
import type { EngineOptions } from './engine-options.js';
import { interestMeans } from './engine-report.js';
import { type BatchRows, RowCollector } from './engine-rows.js';
import { EngineWeights } from './engine-weights.js';
import { GRADIENT_LIMIT } from './gradient-limit.js';
import type { SliceThreads } from './slice-threads.js';
import { SlicedStep } from './sliced-step.js';

/**
 * What the operations run on, for `describe`, and where it has one, a loop of its own for the dense weights; threads that
 * help with slices.
 */
export type EngineBackend = Pick<LearnerDescription, 'backend' | 'settings'> & {
  readonly adam?: AdamLoop;
  readonly threads?: SliceThreads;
};

/**
 * DADIN, or a baseline in its place, as a fold over batches: embeddings in, one step out, on any engine. Synchronous;
 * owned by one thread.
 * The same batches in the same order give the same bits, and `restore` of a snapshot goes on as if never stopped.
 */
export class TrainingEngine<T> implements Serving {
  readonly #backend: EngineBackend;
  readonly #options: EngineOptions;
  readonly #weights: EngineWeights;
  readonly #sliced: SlicedStep<T>;
  readonly #governor: AdversaryGovernor;
  readonly #threshold: ClassThreshold;
  readonly #guard: StepGuard;
  readonly #dropoutRandom: SeededRandom;
  readonly #collector = new RowCollector();
  readonly #loop: AdamLoop;
  /** [R,d] of the batch at hand and more, in memory of `#loop`, which some engines then need not copy */
  #embeddings: Float32Array = new Float32Array(0);
  #rowGradients: Float32Array = new Float32Array(0);
  #prediction: Float64Array = new Float64Array(0);
  #steps = 0;
  /** Steps left in which embedding rows learn `factor` times as fast. */
  #fast = { steps: 0, factor: 1 };

  constructor(ops: Ops<T>, backend: EngineBackend, options: EngineOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#loop = backend.adam ?? PLAIN_ADAM_LOOP;
    this.#weights = new EngineWeights(options, this.#loop);
    const { model, flat } = this.#weights;
    const choice = { model: options.model, baseline: options.baseline };
    this.#sliced = new SlicedStep(ops, model, flat, choice, options.slices, backend.threads ?? null);
    this.#governor = new AdversaryGovernor(options.model);
    this.#threshold = new ClassThreshold(options.model.threshold);
    this.#guard = new StepGuard(options.guard, this.#weights);
    this.#dropoutRandom = new SeededRandom(options.seed, 'dropout');
  }

  /** Logits [B], offset included. Ids without a row read as zero vectors; nothing is allocated or changed. */
  score(batch: SampleBatch): Float32Array {
    if (batch.size === 0) return new Float32Array(0);
    const { table } = this.#weights;
    const found = this.#collector.collect(batch, (id) => table.rowOf(id));
    return this.#sliced.logits(this.#embed(batch, found));
  }

  /** After a drift alarm: embedding rows learn faster for some steps, the dense weights' second moments fade, the reversal grows anew. */
  adapt({ steps, embeddingRateFactor, secondMomentFactor }: Adaptation): void {
    this.#weights.fadeSecondMoments(secondMomentFactor);
    this.#governor.restartRamp();
    this.#fast = { steps, factor: embeddingRateFactor };
  }

  /** One step. `eventTimeMs`: newest event time in the batch. */
  train(batch: SampleBatch, eventTimeMs: number): StepReport {
    if (batch.size === 0) bug('a step of no rows');
    const { model: options } = this.#options;
    const { gradient, table } = this.#weights;
    if (this.#steps === 0) this.#weights.startAtLabelRate(batch);
    this.#steps++;
    table.sweep(eventTimeMs);
    const found = this.#collector.collect(batch, (id) => table.admit(id, eventTimeMs));
    const embedded = this.#embed(batch, found);
    const rowGradients = this.#rowGradients.subarray(0, embedded.embeddings.length);
    const adversarial = hasAdversary(options, batch);
    const reversal = adversarial ? this.#governor.strength() * this.#guard.reversalFactor : 0;
    const { losses, interest } = this.#sliced.step(
      embedded,
      {
        reversal: adversarial ? reversal : null,
        threshold: (logit) => this.#threshold.of(logit),
        dropoutMask: this.#dropoutMask(batch.size),
      },
      gradient,
      rowGradients,
    );

    this.#prediction = losses.prediction;
    const confusedLoss = this.#governor.confusedLoss();
    const finite = Number.isFinite(losses.total) && this.#allUsable(gradient, rowGradients);
    const usable = finite && !this.#guard.runsAway(worstDiscriminatorLoss(options, losses.discriminators), reversal);
    const restored = usable ? this.#apply(batch, found, rowGradients, losses, eventTimeMs) : this.#guard.discarded();
    return {
      step: this.#steps,
      rows: batch.size,
      lossLabel: losses.label,
      ...this.#reportedLosses(losses),
      reversal,
      confusedLoss,
      race: null,
      discarded: !usable,
      restored,
      interestNegative: interestMeans(batch, interest, 0),
      interestPositive: interestMeans(batch, interest, 1),
    };
  }

  /** [B] Predicted probabilities of the rows of the last step, as they were before it. */
  get prediction(): Float64Array {
    return this.#prediction;
  }

  describe(): LearnerDescription {
    const { backend, settings } = this.#backend;
    return { backend, settings, denseParameters: this.#weights.layout.length };
  }

  /** Gauges, except for the tensors alive, which the engine's maker counts. */
  inspect(): Omit<LearnerGauges, 'tensors'> {
    const { table } = this.#weights;
    return { rows: table.liveRows(), tableBytes: table.bytes, evictedRows: table.evicted };
  }

  snapshot(): LearnerState {
    const { model, optimizer, rest } = this.#weights.snapshot();
    return {
      model,
      optimizer,
      rest: {
        weights: rest,
        governor: this.#governor.snapshot(),
        threshold: this.#threshold.snapshot(),
        guard: this.#guard.snapshot(),
        dropoutRandom: this.#dropoutRandom.snapshot(),
        steps: this.#steps,
        fast: { ...this.#fast },
      },
      publishing: this.#weights.table.snapshotPublishing(),
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH where the state belongs to a model of another shape */
  restore(state: LearnerState): void {
    const rest = state.rest as unknown as EngineRest;
    this.#weights.restore({ model: state.model, optimizer: state.optimizer, rest: rest.weights });
    this.#governor.restore(rest.governor);
    this.#threshold.restore(rest.threshold);
    this.#guard.restore(rest.guard);
    this.#dropoutRandom.restore(rest.dropoutRandom);
    this.#steps = rest.steps;
    this.#fast = { ...rest.fast };
    if (state.publishing !== undefined) this.#weights.table.restorePublishing(state.publishing);
  }

  serving(whole: string | null): ServingPart {
    return this.#weights.serving(whole);
  }

  published(): void {
    this.#weights.published();
  }

  /** @returns whether the guard put its copy back */
  #apply(
    batch: SampleBatch,
    found: BatchRows,
    rowGradients: Float32Array,
    losses: Losses,
    eventTimeMs: number,
  ): boolean {
    const { discriminators } = losses;
    const rates = { all: this.#guard.rateFactor, rows: this.#fast.steps > 0 ? this.#fast.factor : 1 };
    this.#fast = { ...this.#fast, steps: Math.max(0, this.#fast.steps - 1) };
    this.#weights.apply(found.rows, rowGradients, rates, discriminators !== null, eventTimeMs);
    this.#governor.observe(targetShare(batch), discriminators);
    this.#threshold.observe(batch.label, batch.weight);
    const stalled = isStalled(found, losses.dLogit, rowGradients);
    return this.#guard.applied(losses.label, stalled);
  }

  #allUsable(gradient: Float32Array, rowGradients: Float32Array): boolean {
    return this.#loop.within(gradient, GRADIENT_LIMIT) && this.#loop.within(rowGradients, GRADIENT_LIMIT);
  }

  /** Reads the rows; a batch that knows none of its ids gets one zero row, since engines want no empty matrix. */
  #embed(batch: SampleBatch, { rows, userFeatures, itemFeatures }: BatchRows): EmbeddedBatch {
    const embeddingRows = Math.max(1, rows.length);
    const length = embeddingRows * this.#weights.model.rowWidth;
    if (length > this.#embeddings.length) {
      this.#embeddings = this.#loop.floats(2 * length);
      this.#rowGradients = this.#loop.floats(2 * length);
    }
    const embeddings = this.#embeddings.subarray(0, length);
    if (rows.length === 0) embeddings.fill(0);
    else this.#weights.table.read(rows, embeddings);
    return { batch, embeddings, embeddingRows, userFeatures, itemFeatures };
  }

  /** [B, predictorWidth] 0 or 1 / keep; null without dropout. */
  #dropoutMask(size: number): Float32Array | null {
    const { dropout, predictorWidth } = this.#options.model;
    if (dropout === 0) return null;
    const mask = new Float32Array(size * predictorWidth);
    const kept = 1 / (1 - dropout);
    for (let i = 0; i < mask.length; i++) mask[i] = this.#dropoutRandom.next() < dropout ? 0 : kept;
    return mask;
  }

  #reportedLosses({ discriminators }: Losses): Pick<StepReport, 'lossDomain' | 'lossClass1' | 'lossClass0'> {
    const [, lambda2, lambda3] = lossWeights(this.#options.model);
    const global = lambda2 > 0 ? discriminators : null;
    const classes = lambda3 > 0 ? discriminators : null;
    return {
      lossDomain: global?.domain ?? null,
      lossClass1: classes?.class1 ?? null,
      lossClass0: classes?.class0 ?? null,
    };
  }
}

interface EngineRest {
  readonly weights: StateValue;
  readonly governor: StateValue;
  readonly threshold: StateValue;
  readonly guard: StateValue;
  readonly dropoutRandom: StateValue;
  readonly steps: number;
  readonly fast: { readonly steps: number; readonly factor: number };
}

function targetShare({ domain, size }: SampleBatch): number {
  let rows = 0;
  for (let i = 0; i < size; i++) if (domain[i] === DOMAIN_CODE.target) rows++;
  return rows / size;
}
