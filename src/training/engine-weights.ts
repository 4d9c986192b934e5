import {
  bug,
  DadinError,
  type NamedTensor,
  type SampleBatch,
  SeededRandom,
  type Serving,
  type ServingPart,
  type StateValue,
} from '../core/index.js';
import type { ParameterLayout } from '../model/parameter-layout.js';
import { type AdamLoop, EmbeddingTable, FlatAdam, type FlatAdamState, type Rewindable } from '../parameters/index.js';
import { dadinModel, type TrainableModel, zooModel } from '../zoo/index.js';
import type { EngineOptions } from './engine-options.js';

const DENSE = 'dense.';
const DISCRIMINATORS = 'discriminators.';
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Weights and optimizer slots, as a checkpoint holds them. */
interface WeightsState {
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
  readonly rest: StateValue;
}

/** The dense weights with their slots. */
interface DenseState {
  readonly flat: Float32Array;
  readonly dense: FlatAdamState;
  readonly discriminators: FlatAdamState;
}

interface DensePart {
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
}

/** All that learns: the flat dense vector, its optimizers (discriminators have their own), the embedding table. */
export class EngineWeights implements Serving, Rewindable {
  readonly model: TrainableModel;
  readonly layout: ParameterLayout;
  /** [layout.length] */
  readonly flat: Float32Array;
  /** [layout.length] of the step at hand */
  readonly gradient: Float32Array;
  readonly table: EmbeddingTable;
  /** Parts of both in front of the discriminators, and theirs. */
  readonly #parts: readonly [DensePart, DensePart];
  readonly #rates: EngineOptions['optimizer'];
  readonly #dense: FlatAdam;
  readonly #discriminators: FlatAdam;
  /** As they were at the mark, and where the last rewind left them; the table keeps its own. */
  #marked: DenseState;
  #kept: DenseState | null = null;

  /** Weights, gradient and slots lie in memory of `loop`. */
  constructor(options: EngineOptions, loop: AdamLoop) {
    this.model = options.baseline === null ? dadinModel(options.model) : zooModel(options.baseline);
    this.layout = this.model.layout;
    const { length } = this.layout;
    this.flat = loop.floats(length);
    this.gradient = loop.floats(length);
    this.model.initialise(this.flat, new SeededRandom(options.seed, 'dense'));
    this.table = new EmbeddingTable({ ...options.table, width: this.model.rowWidth, seed: options.seed });
    this.#rates = options.optimizer;
    const split = this.model.discriminatorsFrom;
    const part = (start: number, end: number): DensePart => ({
      weights: this.flat.subarray(start, end),
      gradient: this.gradient.subarray(start, end),
    });
    this.#parts = [part(0, split), part(split, length)];
    this.#dense = new FlatAdam(split, ADAM, loop);
    this.#discriminators = new FlatAdam(length - split, ADAM, loop);
    this.#marked = this.#denseState();
  }

  /**
   * b2 = logit of the label rate (algorithm A.5, number 33), from the first batch, smoothed by half a row of each class.
   * Where a linear part gives an offset, that has learned the rate already.
   */
  startAtLabelRate({ label, weight, offset, size }: SampleBatch): void {
    if (offset.some((x) => x !== 0)) return;
    let positives = 0.5;
    let rows = 1;
    for (let i = 0; i < size; i++) {
      positives += weight[i]! * label[i]!;
      rows += weight[i]!;
    }
    const logit = Math.log(positives / (rows - positives));
    for (const key of this.model.outputBiases) this.layout.view(this.flat, key)[0] = logit;
  }

  /**
   * One optimizer step on `gradient` and, for `rows` [R], `rowGradients` [R,d]; the discriminators stay as they are where
   * the step left them out. `rates`: factors of all learning rates, and of that of the rows besides.
   */
  apply(
    rows: Int32Array,
    rowGradients: Float32Array,
    rates: { readonly all: number; readonly rows: number },
    withDiscriminators: boolean,
    eventTimeMs: number,
  ): void {
    const { denseLearningRate, embeddingLearningRate, discriminatorLearningRate } = this.#rates;
    const [dense, discriminators] = this.#parts;
    this.#dense.step(dense.weights, dense.gradient, denseLearningRate * rates.all);
    this.model.afterStep(this.flat, denseLearningRate * rates.all);
    if (withDiscriminators) {
      const rate = (discriminatorLearningRate ?? denseLearningRate) * rates.all;
      this.#discriminators.step(discriminators.weights, discriminators.gradient, rate);
    }
    this.table.apply(rows, rowGradients, embeddingLearningRate * rates.all * rates.rows, eventTimeMs);
  }

  /** Multiplies the dense weights' second moments, so that old gradients count for less. */
  fadeSecondMoments(factor: number): void {
    this.#dense.fadeSecondMoments(factor);
  }

  /** Dense weights without the discriminators, which score nothing, and the embedding table. */
  serving(whole: string | null): ServingPart {
    const { discriminatorsFrom, layout } = this.model;
    const scoring = layout.matrices.filter(({ offset }) => offset < discriminatorsFrom);
    const names = new Set(scoring.flatMap(({ tensors }) => tensors));
    const tensors = layout.tensors(this.flat).filter(({ name }) => names.has(name));
    return { ...this.table.serving(whole), tensors: tensors.map(copyTensor) };
  }

  published(): void {
    this.table.published();
  }

  snapshot(): WeightsState {
    const dense = this.#dense.snapshot();
    const discriminators = this.#discriminators.snapshot();
    const table = this.table.snapshot();
    return {
      model: [...this.layout.tensors(this.flat).map(copyTensor), ...table.model],
      optimizer: [
        ...dense.optimizer,
        ...discriminators.optimizer.map((tensor) => renamed(tensor, DENSE, DISCRIMINATORS)),
        ...table.optimizer,
      ],
      rest: { denseSteps: dense.steps, discriminatorSteps: discriminators.steps, table: table.rest },
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH where the state belongs to a model of another shape */
  restore(state: WeightsState): void {
    const { denseSteps, discriminatorSteps, table } = state.rest as {
      denseSteps: number;
      discriminatorSteps: number;
      table: StateValue;
    };
    const byName = new Map(state.model.map((tensor) => [tensor.name, tensor]));
    for (const { name, data } of this.layout.tensors(this.flat)) {
      const saved = byName.get(name)?.data;
      if (saved?.length !== data.length) throw mismatch(name, data.length, saved?.length);
      data.set(saved);
    }
    this.#dense.restore({ optimizer: state.optimizer, steps: denseSteps });
    this.#discriminators.restore({
      optimizer: state.optimizer
        .filter(({ name }) => name.startsWith(DISCRIMINATORS))
        .map((tensor) => renamed(tensor, DISCRIMINATORS, DENSE)),
      steps: discriminatorSteps,
    });
    this.table.restore({ model: state.model, optimizer: state.optimizer, rest: table });
    this.mark();
  }

  mark(): void {
    this.table.mark();
    this.#marked = this.#denseState();
    this.#kept = null;
  }

  rewind(keep: boolean): void {
    this.#kept = keep ? this.#denseState() : null;
    this.table.rewind(keep);
    this.#setDense(this.#marked);
  }

  settle(): void {
    this.table.settle();
    this.#kept = null;
  }

  resume(): void {
    this.table.resume();
    this.#setDense(this.#kept ?? bug('nothing to resume'));
    this.#kept = null;
  }

  snapshotMark(): StateValue {
    const { marked, kept } = structuredClone({ marked: this.#marked, kept: this.#kept });
    return { table: this.table.snapshotMark(), marked, kept } as unknown as StateValue;
  }

  restoreMark(state: StateValue): void {
    this.mark();
    if (state === null) return;
    const { table, ...dense } = state as unknown as { table: StateValue; marked: DenseState; kept: DenseState | null };
    this.table.restoreMark(table);
    const { marked, kept } = structuredClone(dense);
    this.#marked = marked;
    this.#kept = kept;
  }

  #denseState(): DenseState {
    return {
      flat: this.flat.slice(),
      dense: this.#dense.snapshot(),
      discriminators: this.#discriminators.snapshot(),
    };
  }

  #setDense({ flat, dense, discriminators }: DenseState): void {
    this.flat.set(flat);
    this.#dense.restore(dense);
    this.#discriminators.restore(discriminators);
  }
}

/** A copy with a buffer of its own, which may be moved to another thread. */
function copyTensor({ name, shape, data }: NamedTensor): NamedTensor {
  return { name, shape, data: data.slice() };
}

function renamed(tensor: NamedTensor, from: string, to: string): NamedTensor {
  return { ...tensor, name: to + tensor.name.slice(from.length) };
}

function mismatch(name: string, expected: number, got: number | undefined): DadinError {
  return new DadinError('DADIN_CHECKPOINT_MISMATCH', `${name} of the checkpoint does not fit this model`, {
    step: 'checkpoint',
    got: got === undefined ? 'no such tensor' : `${got} values`,
    expected: `${expected} values`,
    remedy: 'resume with the model settings the checkpoint was written with',
  });
}
