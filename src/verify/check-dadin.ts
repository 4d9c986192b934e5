import type { FloatArray, Ops } from '../core/index.js';
import type { ModelOutput } from '../model/dadin.js';
import { dadinLayout } from '../model/dadin-layout.js';
import { computeGradients, type EmbeddedBatch } from '../model/gradients.js';
import type { Losses } from '../model/losses.js';
import { lossWeights } from '../model/model-options.js';
import {
  type DadinFixture,
  embeddedBatchOf,
  type FixtureTensors,
  flatWeights,
  modelOptionsOf,
  stackedTables,
  TABLES,
} from './dadin-fixture.js';
import { Comparison, FLOAT32_GRADIENT, FLOAT32_OUTPUT, FLOAT64, type Verdict } from './verdict.js';

/** An engine to be checked; `reference` computes in float64 and is held to its tolerance. */
export interface Engine<T> {
  readonly ops: Ops<T>;
  readonly precision: 'float64' | 'float32';
}

interface DadinCase extends DadinFixture {
  readonly outputs: FixtureTensors;
  readonly in1: readonly number[];
  readonly losses: Readonly<Record<'Ly' | 'Ld' | 'Ld1' | 'Ld0' | 'Loss1' | 'Loss2' | 'Loss3' | 'L', number>>;
  readonly grads: FixtureTensors;
}

/** Outputs, losses and all gradients of one `dadin_*.json`. */
export function checkDadin<T>(file: string, content: unknown, { ops, precision }: Engine<T>): Verdict {
  const fixture = content as DadinCase;
  const options = modelOptionsOf(fixture.config);
  const layout = dadinLayout(options);
  const array = (n: number): FloatArray => (precision === 'float64' ? new Float64Array(n) : new Float32Array(n));
  const flat = flatWeights(layout, fixture.weights, array(layout.length));
  const embeddings = stackedTables(fixture.weights);
  const embedded = embeddedBatchOf(fixture, embeddings);
  const dense = array(layout.length);
  const rows = array(embeddings.length);
  const comparison = new Comparison();
  const outputTolerance = precision === 'float64' ? FLOAT64 : FLOAT32_OUTPUT;
  const gradientTolerance = precision === 'float64' ? FLOAT64 : FLOAT32_GRADIENT;
  const settings = {
    reversal: fixture.config.grl,
    threshold: () => fixture.config.threshold,
    dropoutMask: fixture.dropmask === undefined ? null : Float64Array.from(fixture.dropmask.data),
  };
  const compare = (name: string, actual: ArrayLike<number>) =>
    comparison.numbers(name, actual, fixture.outputs[name]?.data ?? [], outputTolerance);

  const observe = (output: ModelOutput<T>) => compareForward(ops, output, embedded, compare);
  const losses = computeGradients(ops, options, layout, flat, embedded, settings, dense, rows, observe);

  compareLosses(losses, fixture, compare, comparison, outputTolerance);
  for (const { name, data } of layout.tensors(dense)) {
    comparison.numbers(`grads.${name}`, data, fixture.grads[name]?.data ?? [], gradientTolerance);
  }
  let at = 0;
  for (const name of TABLES) {
    const expected = fixture.grads[name]?.data ?? [];
    comparison.numbers(`grads.${name}`, rows.subarray(at, at + expected.length), expected, gradientTolerance);
    at += expected.length;
  }
  return comparison.verdict(file, ops.name);
}

function compareForward<T>(
  ops: Ops<T>,
  output: ModelOutput<T>,
  { batch }: EmbeddedBatch,
  compare: (name: string, actual: ArrayLike<number>) => void,
): void {
  const download = (x: T) => {
    const [rows, cols] = ops.shape(x);
    return ops.download(x, new Float64Array(rows * cols));
  };
  for (const name of ['p', 'q', 'a', 'b', 'h'] as const) compare(name, download(output[name].value));
  compare('h_spec', download(output.hSpec.value));
  compare('h_DA', download(output.hDA.value));
  compare('logit', download(output.logit.value));
  const L = Math.max(...lengths(batch.histT.splits), ...lengths(batch.histS.splits));
  compare('betaT', padded(batch.histT.splits, L, output.betaT === null ? null : download(output.betaT)));
  compare('betaS', padded(batch.histS.splits, L, output.betaS === null ? null : download(output.betaS)));
  const v = output.interest === null ? new Float64Array(batch.size * 3).fill(1) : download(output.interest.value);
  for (const [k, name] of ['v_u', 'v_t', 'v_s'].entries()) compare(name, everyThird(v, k));
}

function compareLosses(
  losses: Losses,
  fixture: DadinCase,
  compare: (name: string, actual: ArrayLike<number>) => void,
  comparison: Comparison,
  tolerance: (expected: number) => number,
): void {
  const { discriminators } = losses;
  compare('yhat', losses.prediction);
  const logits = discriminators?.logits ?? new Float64Array(0);
  for (const [k, name] of ['dlogit', 'dlogit1', 'dlogit0'].entries()) compare(name, everyThird(logits, k));
  comparison.number('losses.Ly', losses.label, fixture.losses.Ly, tolerance);
  comparison.number('losses.Ld', discriminators?.domain ?? null, fixture.losses.Ld, tolerance);
  comparison.number('losses.Ld1', discriminators?.class1 ?? null, fixture.losses.Ld1, tolerance);
  comparison.number('losses.Ld0', discriminators?.class0 ?? null, fixture.losses.Ld0, tolerance);
  comparison.number('losses.L', losses.total, fixture.losses.L, tolerance);
  const inClass1 = Array.from(losses.prediction, (yhat) => (yhat >= fixture.config.threshold ? 1 : 0));
  comparison.numbers('in1', inClass1, fixture.in1, () => 0);
  const [lambda1, lambda2, lambda3] = lossWeights(modelOptionsOf(fixture.config));
  const { Ly, Ld, Ld1, Ld0 } = fixture.losses;
  const { alpha } = fixture.config;
  comparison.number('losses.Loss1', lambda1 * Ly, fixture.losses.Loss1, tolerance);
  comparison.number('losses.Loss2', lambda2 * Ld, fixture.losses.Loss2, tolerance);
  comparison.number('losses.Loss3', lambda3 * (alpha * Ld0 + (1 - alpha) * Ld1), fixture.losses.Loss3, tolerance);
}

function lengths(splits: Int32Array): number[] {
  return Array.from(splits.subarray(1), (end, i) => end - splits[i]!);
}

/** Packed weights [N] -> padded [B,L]; null is the mean over each list. */
function padded(splits: Int32Array, L: number, packed: Float64Array | null): Float64Array {
  const all = new Float64Array((splits.length - 1) * L);
  for (const [i, length] of lengths(splits).entries()) {
    for (let l = 0; l < length; l++) all[i * L + l] = packed === null ? 1 / length : packed[splits[i]! + l]!;
  }
  return all;
}

function everyThird(values: Float64Array, k: number): Float64Array {
  return values.filter((_, i) => i % 3 === k);
}
