import { DadinError, type NamedTensor, type SampleBatch, SeededRandom, type StateValue } from '../core/index.js';
import { dadinLayout } from '../model/dadin-layout.js';
import { initialise } from '../model/initialise.js';
import type { ParameterLayout } from '../model/parameter-layout.js';
import { EmbeddingTable, FlatAdam } from '../parameters/index.js';
import type { EngineOptions } from './engine-options.js';

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Weights and optimizer slots, as a checkpoint and the guard copy hold them. */
export interface WeightsState {
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
  readonly rest: StateValue;
}

/** All that learns: the flat dense vector with its optimizer, and the embedding table. */
export class EngineWeights {
  readonly layout: ParameterLayout;
  /** [layout.length] */
  readonly flat: Float32Array;
  readonly table: EmbeddingTable;
  readonly #rates: EngineOptions['optimizer'];
  /** Where the discriminators begin in `flat`. */
  readonly #split: number;
  readonly #adam: FlatAdam;

  constructor(options: EngineOptions) {
    this.layout = dadinLayout(options.model);
    this.flat = new Float32Array(this.layout.length);
    initialise(this.layout, this.flat, new SeededRandom(options.seed, 'dense'));
    this.table = new EmbeddingTable({ ...options.table, width: options.model.width, seed: options.seed });
    this.#rates = options.optimizer;
    this.#split = this.layout.get('dom.W').offset;
    this.#adam = new FlatAdam(this.layout.length, ADAM);
  }

  /**
   * b2 = logit of the label rate (algorithm A.5, number 33), from the first batch, smoothed by half a row of each class.
   * Where a linear part gives an offset, that has learned the rate already.
   */
  startAtLabelRate({ label, offset, size }: SampleBatch): void {
    if (offset.some((x) => x !== 0)) return;
    let positives = 0.5;
    for (let i = 0; i < size; i++) positives += label[i]!;
    this.layout.view(this.flat, 'pred.b2')[0] = Math.log(positives / (size + 1 - positives));
  }

  /**
   * One optimizer step. `gradient` as `flat`; `rows` [R] with `rowGradients` [R,d]; the discriminators stay as they are
   * where the step left them out.
   */
  apply(
    gradient: Float32Array,
    rows: Int32Array,
    rowGradients: Float32Array,
    rateFactor: number,
    withDiscriminators: boolean,
    eventTimeMs: number,
  ): void {
    const { denseLearningRate, embeddingLearningRate, discriminatorLearningRate } = this.#rates;
    const discriminatorRate = withDiscriminators ? (discriminatorLearningRate ?? denseLearningRate) : 0;
    this.#adam.step(this.flat, gradient, [
      { end: this.#split, learningRate: denseLearningRate * rateFactor },
      { end: this.layout.length, learningRate: discriminatorRate * rateFactor },
    ]);
    this.table.apply(rows, rowGradients, embeddingLearningRate * rateFactor, eventTimeMs);
  }

  snapshot(): WeightsState {
    const adam = this.#adam.snapshot();
    const table = this.table.snapshot();
    return {
      model: [...this.layout.tensors(this.flat).map(copyTensor), ...table.model],
      optimizer: [...adam.optimizer, ...table.optimizer],
      rest: { denseSteps: adam.steps, table: table.rest },
    };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH where the state belongs to a model of another shape */
  restore(state: WeightsState): void {
    const { denseSteps, table } = state.rest as { denseSteps: number; table: StateValue };
    const byName = new Map(state.model.map((tensor) => [tensor.name, tensor]));
    for (const { name, data } of this.layout.tensors(this.flat)) {
      const saved = byName.get(name)?.data;
      if (saved?.length !== data.length) throw mismatch(name, data.length, saved?.length);
      data.set(saved);
    }
    this.#adam.restore({ optimizer: state.optimizer, steps: denseSteps });
    this.table.restore({ model: state.model, optimizer: state.optimizer, rest: table });
  }
}

/** A copy with a buffer of its own, which may be moved to another thread. */
function copyTensor({ name, shape, data }: NamedTensor): NamedTensor {
  return { name, shape, data: data.slice() };
}

function mismatch(name: string, expected: number, got: number | undefined): DadinError {
  return new DadinError('DADIN_CHECKPOINT_MISMATCH', `${name} of the checkpoint does not fit this model`, {
    step: 'checkpoint',
    got: got === undefined ? 'no such tensor' : `${got} values`,
    expected: `${expected} values`,
    remedy: 'resume with the model settings the checkpoint was written with',
  });
}
