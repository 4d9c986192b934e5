import { SeededRandom } from '../../../src/core/index.js';
import type { EmbeddedBatch } from '../../../src/model/gradients.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { RowCollector } from '../../../src/training/engine-rows.js';
import {
  type StepOutcome,
  stepInOnePiece,
  type TrainableModel,
  type ZooKind,
  type ZooOptions,
  zooOptions,
} from '../../../src/zoo/index.js';
import { type RandomBatchOptions, randomBatch } from '../model/random-batch.js';

/** A batch, float64 weights and embeddings drawn at random, away from the kinks of the start values. */
export interface ZooProblem {
  readonly model: TrainableModel;
  readonly flat: Float64Array;
  readonly embedded: Omit<EmbeddedBatch, 'embeddings'> & { readonly embeddings: Float64Array };
}

export function smallOptions(kind: ZooKind, change: Partial<ZooOptions> = {}): ZooOptions {
  return {
    ...zooOptions(kind, 3, [5, 4]),
    xdeepfm: { maps: [4, 3], activation: 'linear', split: false },
    din: { attentionHidden: [4, 3], softmax: false },
    minet: { rank: 2, sourceWeight: 0.7 },
    ...change,
  };
}

export function zooProblem(seed: number, model: TrainableModel, batch: Partial<RandomBatchOptions> = {}): ZooProblem {
  const random = new SeededRandom(seed);
  const flat = Float64Array.from({ length: model.layout.length }, () => 0.5 * random.normal());
  // biases above 0 keep the small ReLU layers alive
  for (const { key, initialisation } of model.layout.matrices) {
    if (initialisation !== 'zero') continue;
    const biases = model.layout.view(flat, key);
    for (let i = 0; i < biases.length; i++) biases[i] = 0.3 + 0.2 * biases[i]!;
  }
  // from a stream of its own, so that models of one seed see one batch
  const drawn = randomBatch(new SeededRandom(seed, 'batch'), {
    size: 8,
    users: 5,
    items: 6,
    historyLength: 3,
    ...batch,
  });
  const rowOfId = new Map<number, number>();
  const found = new RowCollector().collect(drawn, (id) => {
    if (!rowOfId.has(id)) rowOfId.set(id, rowOfId.size);
    return rowOfId.get(id)!;
  });
  const embeddings = Float64Array.from({ length: found.rows.length * model.rowWidth }, () => 0.5 * random.normal());
  return { model, flat, embedded: { batch: drawn, embeddings, embeddingRows: found.rows.length, ...found } };
}

export interface ZooEvaluation extends StepOutcome {
  readonly dense: Float64Array;
  readonly rows: Float64Array;
}

/** Losses and all gradients on the float64 reference. */
export function evaluate({ model, flat, embedded }: ZooProblem): ZooEvaluation {
  const dense = new Float64Array(flat.length);
  const rows = new Float64Array(embedded.embeddings.length);
  const settings = { reversal: null, threshold: () => 0.5, dropoutMask: null };
  return { ...stepInOnePiece(model, createReferenceOps(), flat, embedded, settings, dense, rows), dense, rows };
}

/** Weights of one model put into another's by name; those that the first lacks stay. */
export function copyShared(from: ZooProblem, to: ZooProblem): void {
  const values = new Map(from.model.layout.tensors(from.flat).map(({ name, data }) => [name, data]));
  for (const { name, data } of to.model.layout.tensors(to.flat)) {
    const shared = values.get(name);
    if (shared?.length === data.length) data.set(shared);
  }
}

/** The same batch with other embedding rows. */
export function withRows(problem: ZooProblem, embeddings: Float64Array): ZooProblem {
  return { ...problem, embedded: { ...problem.embedded, embeddings } };
}
