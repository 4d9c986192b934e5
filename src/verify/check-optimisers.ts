import { FtrlProximal } from '../linear/ftrl-proximal.js';
import { EmbeddingTable, type EmbeddingTableOptions } from '../parameters/index.js';
import type { FixtureTensor } from './dadin-fixture.js';
import { Comparison, type Tolerance, type Verdict } from './verdict.js';

interface OptimiserStep {
  readonly ids: readonly number[];
  readonly grads: FixtureTensor;
}

interface OptimiserFixture {
  readonly w0: FixtureTensor;
  readonly steps: readonly OptimiserStep[];
  readonly after: Readonly<Record<'rowAdam' | 'rowAdagrad' | 'rowAdagradDecay', readonly FixtureTensor[]>>;
  readonly ftrl: readonly FixtureTensor[];
}

const WIDTH = 2;
const ROW_OPTIMIZERS = [
  ['rowAdam', { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 0.01],
  ['rowAdagrad', { kind: 'adagrad', epsilon: 1e-8, decay: 1 }, 0.05],
  ['rowAdagradDecay', { kind: 'adagrad', epsilon: 1e-8, decay: 0.9 }, 0.05],
] as const satisfies readonly [string, EmbeddingTableOptions['optimizer'], number][];
const FTRL = { kind: 'ftrl', bits: 8, alpha: 0.1, beta: 1, l1: 0.3, l2: 0.1 } as const;
/** Weights and slots are float32. */
const FLOAT32_WEIGHT: Tolerance = (expected) => 2e-6 * Math.max(1, Math.abs(expected));

/** Row Adam, row-wise AdaGrad and FTRL after every step. Lazy Adam with a global count is not offered, so not checked. */
export function checkOptimisers(file: string, content: unknown): Verdict {
  const { w0, steps, after, ftrl } = content as OptimiserFixture;
  const comparison = new Comparison();
  const rowCount = w0.shape[0]!;
  for (const [name, optimizer, learningRate] of ROW_OPTIMIZERS) {
    const table = tableOf(w0.data, WIDTH, optimizer);
    for (const [k, step] of steps.entries()) {
      const sums = coalesced(step);
      const gradients = Float32Array.from([...sums.values()].flat());
      table.apply(Int32Array.from(sums.keys()), gradients, learningRate, k);
      comparison.numbers(
        `${name} step ${k + 1}`,
        readAll(table, rowCount, WIDTH),
        after[name][k]!.data,
        FLOAT32_WEIGHT,
      );
    }
  }
  const learner = new FtrlProximal(FTRL);
  for (const [k, step] of steps.entries()) {
    for (const [id, gradient] of coalesced(step)) learner.descend(id, gradient[0]!);
    const weights = Array.from({ length: rowCount }, (_, id) => learner.weight(id));
    comparison.numbers(`ftrl step ${k + 1}`, weights, ftrl[k]!.data, FLOAT32_WEIGHT);
  }
  return comparison.verdict(file, 'optimizers');
}

/** A table whose row i holds row i of `weights` and belongs to id i + 1. */
export function tableOf(
  weights: readonly number[],
  width: number,
  optimizer: EmbeddingTableOptions['optimizer'],
): EmbeddingTable {
  const rows = weights.length / width;
  const table = new EmbeddingTable({
    width,
    seed: 0,
    initStd: 0,
    optimizer,
    maxRows: rows + 1,
    admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
    ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
  });
  for (let i = 0; i < rows; i++) table.admit(i + 1, 0);
  const state = table.snapshot();
  state.model.find(({ name }) => name === 'embedding.rows')!.data.set(weights);
  table.restore(state);
  return table;
}

export function readAll(table: EmbeddingTable, rows: number, width: number): Float32Array {
  const into = new Float32Array(rows * width);
  table.read(
    Int32Array.from({ length: rows }, (_, i) => i),
    into,
  );
  return into;
}

/** Row -> summed gradient; a row repeated in a step stands once. */
function coalesced({ ids, grads }: OptimiserStep): Map<number, number[]> {
  const sums = new Map<number, number[]>();
  for (const [k, id] of ids.entries()) {
    const gradient = grads.data.slice(k * WIDTH, (k + 1) * WIDTH);
    sums.set(
      id,
      gradient.map((g, j) => g + (sums.get(id)?.[j] ?? 0)),
    );
  }
  return sums;
}
