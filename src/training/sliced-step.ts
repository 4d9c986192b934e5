import { bug, type Ops } from '../core/index.js';
import type { EmbeddedRows } from '../model/forward-pass.js';
import type { EmbeddedBatch, StepSettings } from '../model/gradients.js';
import { type StepOutcome, stepInOnePiece, type TrainableModel } from '../zoo/index.js';
import { SharedMemory } from './shared-memory.js';
import { OWN_MEMORY, SliceCutter } from './slice-cutter.js';
import type { ModelChoice, StepSlice } from './slice-messages.js';
import { addUp, type Bounds, bounds, gathered, maskOf, type SlicePart } from './slice-parts.js';
import type { SliceThreads } from './slice-threads.js';

/** Fewer rows than this a thread are scored faster than they are handed over. */
const MIN_SCORED_ROWS = 32;

/**
 * Steps and scores of one model, by slices. A step always cuts a batch into the same slices: each goes forward by itself,
 * losses are taken over the whole batch, each goes back, and gradients are added up in the order of the slices. So its
 * bits depend on the number of slices, and not on who works on them.
 */
export class SlicedStep<T> {
  readonly #ops: Ops<T>;
  readonly #model: TrainableModel;
  readonly #flat: Float32Array;
  readonly #slices: number;
  readonly #threads: SliceThreads | null;
  /** Number of the model among those that the threads know. */
  readonly #known: number;
  /** Whether a row's logit has the same bits in any company, so that scoring may be cut as there are threads. */
  readonly #rowsStandAlone: boolean;
  readonly #cutter = new SliceCutter();
  readonly #shared = new SharedMemory();
  /** Of all slices but the first. */
  readonly #denseGradients = new SharedMemory();

  constructor(
    ops: Ops<T>,
    model: TrainableModel,
    flat: Float32Array,
    choice: ModelChoice,
    slices: number,
    threads: SliceThreads | null,
  ) {
    this.#ops = ops;
    this.#model = model;
    this.#flat = flat;
    this.#slices = slices;
    this.#threads = threads;
    this.#known = threads?.makeKnown(choice, flat) ?? 0;
    this.#rowsStandAlone = choice.baseline === null;
  }

  /** Gradients of the dense weights into `gradient`, of the embeddings into `rowGradients` [R,rowWidth]. */
  step(
    embedded: EmbeddedBatch,
    settings: StepSettings,
    gradient: Float32Array,
    rowGradients: Float32Array,
  ): StepOutcome {
    if (Math.min(this.#slices, embedded.batch.size) === 1) {
      return stepInOnePiece(this.#model, this.#ops, this.#flat, embedded, settings, gradient, rowGradients);
    }
    try {
      return this.#stepInSlices(embedded, settings, gradient, rowGradients);
    } catch (error) {
      this.#threads?.abandon(error);
      throw error;
    }
  }

  /** Logits [B], offset included. */
  logits(embedded: EmbeddedRows): Float32Array {
    const { size } = embedded.batch;
    const pieces = Math.min(this.#workers, Math.floor(size / MIN_SCORED_ROWS));
    if (pieces < 2 || !this.#rowsStandAlone) return this.#model.logits(this.#ops, this.#flat, embedded);
    this.#shared.reset();
    const width = this.#model.rowWidth;
    const [[, ownEnd], ...others] = bounds(size, pieces) as [Bounds, ...Bounds[]];
    const sent = others.map(([start, end], helper) => {
      const slice = this.#cutter.cut(embedded, width, start, end, this.#shared);
      const logits = this.#shared.floats(end - start);
      const job = { kind: 'score', model: this.#known, slices: [{ embedded: slice.embedded, logits }] } as const;
      this.#helpers.send(helper, job);
      return { start, logits };
    });
    const own = this.#cutter.cut(embedded, width, 0, ownEnd, OWN_MEMORY);
    const all = new Float32Array(size);
    all.set(this.#model.logits(this.#ops, this.#flat, own.embedded));
    this.#helpers.join();
    for (const { start, logits } of sent) all.set(logits, start);
    return all;
  }

  get #workers(): number {
    return 1 + (this.#threads?.count ?? 0);
  }

  get #helpers(): SliceThreads {
    return this.#threads ?? bug('work for threads that are not there');
  }

  #stepInSlices(
    embedded: EmbeddedBatch,
    settings: StepSettings,
    gradient: Float32Array,
    rowGradients: Float32Array,
  ): StepOutcome {
    const { batch } = embedded;
    this.#shared.reset();
    this.#denseGradients.reset();
    const cuts = bounds(batch.size, Math.min(this.#slices, batch.size));
    const busy = Math.min(this.#workers, cuts.length) - 1;
    let outcome: StepOutcome | undefined;
    this.#ops.scope(() => {
      const parts = new Array<SlicePart>(cuts.length);
      for (let helper = 0; helper < busy; helper++) {
        const jobs: StepSlice[] = [];
        for (let i = helper + 1; i < cuts.length; i += this.#workers) {
          const { job, part } = this.#far(embedded, settings, cuts[i]!);
          jobs.push(job);
          parts[i] = part;
        }
        this.#helpers.send(helper, { kind: 'step', model: this.#known, slices: jobs });
      }
      for (let i = 0; i < cuts.length; i += this.#workers) {
        parts[i] = this.#near(embedded, settings, cuts[i]!, i === 0 ? gradient : this.#denseGradient());
      }
      this.#threads?.join();
      const outputs = gathered(parts, batch.size);
      const losses = this.#model.losses(this.#flat, batch, outputs, settings);
      const dProducts = losses.discriminators?.dProducts ?? null;
      // helpers' parts only write down what is to go back
      const back = (first: number): void => {
        for (let i = first; i < parts.length; i += this.#workers) {
          const { start, end } = parts[i]!.slice;
          parts[i]!.back(losses.dLogit.subarray(start, end), dProducts?.subarray(3 * start, 3 * end) ?? null);
        }
      };
      for (let helper = 0; helper < busy; helper++) {
        back(helper + 1);
        this.#helpers.sendBack(helper);
      }
      back(0);
      this.#threads?.join();
      addUp(parts, gradient, rowGradients, this.#model.rowWidth);
      this.#model.setLossGradients(losses, gradient);
      outcome = { losses, interest: outputs.interest };
    });
    return outcome!;
  }

  #near(embedded: EmbeddedBatch, settings: StepSettings, [start, end]: Bounds, denseGradient: Float32Array): SlicePart {
    const slice = this.#cutter.cut(embedded, this.#model.rowWidth, start, end, OWN_MEMORY);
    const dropoutMask = maskOf(settings, embedded, start, end);
    const pass = this.#model.forward(this.#ops, this.#flat, slice.embedded, { ...settings, dropoutMask });
    const embeddingGradient = new Float32Array(slice.embedded.embeddings.length);
    return {
      ...{ slice, outputs: pass, denseGradient, embeddingGradient },
      back: (dLogit, dProducts) => pass.backward(dLogit, dProducts, denseGradient, embeddingGradient),
    };
  }

  #far(embedded: EmbeddedBatch, settings: StepSettings, [start, end]: Bounds): { job: StepSlice; part: SlicePart } {
    const shared = this.#shared;
    const slice = this.#cutter.cut(embedded, this.#model.rowWidth, start, end, shared);
    const n = end - start;
    const mask = maskOf(settings, embedded, start, end);
    const dropoutMask = mask === null ? null : shared.floats(mask.length);
    dropoutMask?.set(mask!);
    const job: StepSlice = {
      embedded: slice.embedded,
      settings: { reversal: settings.reversal, dropoutMask },
      logit: shared.doubles(n),
      products: shared.doubles(3 * n),
      interest: shared.doubles(3 * n),
      dLogit: shared.doubles(n),
      dProducts: shared.doubles(3 * n),
      denseGradient: this.#denseGradient(),
      embeddingGradient: shared.floats(slice.embedded.embeddings.length),
    };
    const back = (dLogit: Float64Array, dProducts: Float64Array | null): void => {
      job.dLogit.set(dLogit);
      if (dProducts !== null) job.dProducts.set(dProducts);
    };
    const { denseGradient, embeddingGradient } = job;
    return { job, part: { slice, outputs: job, denseGradient, embeddingGradient, back } };
  }

  #denseGradient(): Float32Array {
    return this.#denseGradients.floats(this.#model.layout.length);
  }
}
