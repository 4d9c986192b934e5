import { beforeAll, describe, expect, it } from 'vitest';
import type { FloatArray, Ops } from '../../src/core/index.js';
import { createReferenceOps } from '../../src/model/reference-ops.js';
import { type BackendName, loadBackend } from '../../src/training/backend.js';
import { stepInOnePiece, ZOO_KINDS, type ZooOptions, zooModel, zooOptions } from '../../src/zoo/index.js';
import { smallOptions, type ZooProblem, zooProblem } from '../unit/zoo/problem.js';
import { TENSOR_ENGINES } from './tensor-engines.js';

const ENGINES: readonly BackendName[] = ['fused', ...TENSOR_ENGINES];

const CASES: readonly (readonly [string, ZooOptions])[] = [
  ...ZOO_KINDS.map((kind) => [kind, zooOptions(kind, 16, [24, 16])] as const),
  ['xdeepfm as DeepCTR', smallOptions('xdeepfm', { xdeepfm: { maps: [4, 6], activation: 'relu', split: true } })],
  ['din with softmax', smallOptions('din', { din: { attentionHidden: [4], softmax: true } })],
];

function run<T>(ops: Ops<T>, { model, flat, embedded }: ZooProblem, array: (n: number) => FloatArray) {
  const dense = array(flat.length);
  const rows = array(embedded.embeddings.length);
  const settings = { reversal: null, threshold: () => 0.5, dropoutMask: null };
  const { losses } = stepInOnePiece(model, ops, flat, embedded, settings, dense, rows);
  return { losses, dense, rows, logits: model.logits(ops, flat, embedded) };
}

describe.each(ENGINES)('baselines on %s agree with the float64 reference', (name) => {
  let ops: Ops<unknown>;
  beforeAll(async () => {
    ops = (await loadBackend(name, 16)).ops;
  });

  it.each(CASES)('%s', (_, options) => {
    const problem = zooProblem(17, zooModel(options), { size: 37, items: 20 });
    for (const weights of [problem.flat, problem.embedded.embeddings]) {
      for (let i = 0; i < weights.length; i++) weights[i] = Math.fround(0.5 * weights[i]!);
    }
    const expected = run(createReferenceOps(), problem, (n) => new Float64Array(n));
    const got = run(ops, problem, (n) => new Float32Array(n));
    expect(Math.abs(got.losses.total - expected.losses.total)).toBeLessThan(2e-4);
    for (const [name, tolerance] of [
      ['logits', 2e-4],
      ['dense', 1e-5],
      ['rows', 1e-5],
    ] as const) {
      got[name].forEach((value: number, i: number) => {
        const want = expected[name][i]!;
        expect(Math.abs(value - want), `${name}[${i}]`).toBeLessThan(Math.max(tolerance, 1e-3 * Math.abs(want)));
      });
    }
    // the same call gives the same bits
    expect(run(ops, problem, (n) => new Float32Array(n))).toEqual(got);
  });
});
