import { dadinLayout } from '../model/dadin-layout.js';
import { computeGradients } from '../model/gradients.js';
import type { Losses } from '../model/losses.js';
import type { ModelOptions } from '../model/model-options.js';
import { FlatAdam } from '../parameters/index.js';
import type { Engine } from './check-dadin.js';
import { readAll, tableOf } from './check-optimisers.js';
import {
  type DadinFixture,
  embeddedBatchOf,
  type FixtureTensor,
  type FixtureTensors,
  flatWeights,
  modelOptionsOf,
  stackedTables,
  TABLES,
} from './dadin-fixture.js';
import { Comparison, FLOAT32_OUTPUT, type Verdict } from './verdict.js';

type FixtureLosses = Readonly<Record<'Ly' | 'Ld' | 'Ld1' | 'Ld0' | 'L', number>>;

interface TrainingFixture extends DadinFixture {
  /** Before each step. */
  readonly losses: readonly FixtureLosses[];
  readonly finalLosses: FixtureLosses;
  readonly finalLogit: FixtureTensor;
  readonly finalWeights: FixtureTensors;
}

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const LEARNING_RATE = 0.01;

/** Steps of Adam on the same batch: losses before each, then logits and weights. Weights and slots are float32. */
export function checkTraining<T>(file: string, content: unknown, { ops }: Engine<T>): Verdict {
  const fixture = content as TrainingFixture;
  const { d, grl, threshold } = fixture.config;
  const options: ModelOptions = modelOptionsOf(fixture.config);
  const layout = dadinLayout(options);
  const flat = flatWeights(layout, fixture.weights, new Float32Array(layout.length));
  const adam = new FlatAdam(layout.length, ADAM);
  const stacked = stackedTables(fixture.weights);
  const table = tableOf([...stacked], d, { kind: 'adam', ...ADAM });
  const rowCount = stacked.length / d;
  const dense = new Float32Array(layout.length);
  const rowGradients = new Float32Array(stacked.length);
  let logit = new Float32Array(0);
  const pass = (): Losses => {
    const embedded = embeddedBatchOf(fixture, readAll(table, rowCount, d));
    const settings = { reversal: grl, threshold: () => threshold, dropoutMask: null };
    return computeGradients(ops, options, layout, flat, embedded, settings, dense, rowGradients, (output) => {
      logit = ops.download(output.logit.value, new Float32Array(embedded.batch.size));
    });
  };
  const comparison = new Comparison();
  const everyRow = Int32Array.from({ length: rowCount }, (_, i) => i);
  for (const [k, expected] of fixture.losses.entries()) {
    compareLosses(comparison, `losses[${k}]`, pass(), expected);
    adam.step(flat, dense, LEARNING_RATE);
    table.apply(everyRow, rowGradients, LEARNING_RATE, k);
  }
  compareLosses(comparison, 'finalLosses', pass(), fixture.finalLosses);
  comparison.numbers('finalLogit', logit, fixture.finalLogit.data, FLOAT32_OUTPUT);
  for (const { name, data } of layout.tensors(flat)) {
    comparison.numbers(`finalWeights.${name}`, data, fixture.finalWeights[name]?.data ?? [], FLOAT32_OUTPUT);
  }
  const expectedRows = TABLES.flatMap((name) => fixture.finalWeights[name]?.data ?? []);
  comparison.numbers('finalWeights.emb', readAll(table, rowCount, d), expectedRows, FLOAT32_OUTPUT);
  return comparison.verdict(file, ops.name);
}

function compareLosses(comparison: Comparison, where: string, losses: Losses, expected: FixtureLosses): void {
  const { discriminators } = losses;
  comparison.number(`${where}.Ly`, losses.label, expected.Ly, FLOAT32_OUTPUT);
  comparison.number(`${where}.Ld`, discriminators?.domain ?? null, expected.Ld, FLOAT32_OUTPUT);
  comparison.number(`${where}.Ld1`, discriminators?.class1 ?? null, expected.Ld1, FLOAT32_OUTPUT);
  comparison.number(`${where}.Ld0`, discriminators?.class0 ?? null, expected.Ld0, FLOAT32_OUTPUT);
  comparison.number(`${where}.L`, losses.total, expected.L, FLOAT32_OUTPUT);
}
