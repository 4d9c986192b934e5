import { describe, expect, it } from 'vitest';
import { ZOO_KINDS, type ZooOptions, zooModel } from '../../../src/zoo/index.js';
import { evaluate, smallOptions, type ZooProblem, zooProblem } from './problem.js';

const EPSILON = 1e-6;

/** Worst difference between a gradient and the central difference of the loss, over all weights and embeddings. */
function compare(problem: ZooProblem): number {
  const { dense, rows } = evaluate(problem);
  let worst = 0;
  for (const [weights, gradient] of [
    [problem.flat, dense],
    [problem.embedded.embeddings, rows],
  ] as const) {
    // a dead network would agree with anything
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3);
    for (let i = 0; i < weights.length; i++) {
      const kept = weights[i]!;
      weights[i] = kept + EPSILON;
      const above = evaluate(problem).losses.total;
      weights[i] = kept - EPSILON;
      const below = evaluate(problem).losses.total;
      weights[i] = kept;
      worst = Math.max(worst, Math.abs((above - below) / (2 * EPSILON) - gradient[i]!));
    }
  }
  return worst;
}

function problemOf(options: ZooOptions): ZooProblem {
  const problem = zooProblem(11, zooModel(options));
  problem.embedded.batch.offset.fill(0.25);
  problem.embedded.batch.weight.forEach((_w, i, all) => {
    all[i] = 0.5 + i;
  });
  return problem;
}

describe('every gradient is the central difference of the loss', () => {
  it.each<[string, ZooOptions]>([
    ...ZOO_KINDS.map((kind): [string, ZooOptions] => [kind, smallOptions(kind)]),
    ['xdeepfm as DeepCTR', smallOptions('xdeepfm', { xdeepfm: { maps: [4, 6], activation: 'relu', split: true } })],
    ['din with softmax', smallOptions('din', { din: { attentionHidden: [4], softmax: true } })],
    ['csn with stitched outputs', smallOptions('csn', { csn: { beforeOutput: true } })],
    ['conet with one cross unit', smallOptions('conet', { conet: { crossLayers: 1, lasso: 0 } })],
  ])('%s', (_, options) => {
    expect(compare(problemOf(options))).toBeLessThan(1e-5);
  });

  it('notices a wrong gradient', () => {
    const problem = problemOf(smallOptions('fm'));
    const { forward } = problem.model;
    const wrong: ZooProblem = {
      ...problem,
      model: {
        ...problem.model,
        forward: (ops, flat, embedded, settings) => {
          const pass = forward(ops, flat, embedded, settings);
          return {
            ...pass,
            backward(dLogit, dProducts, dense, rows) {
              pass.backward(dLogit, dProducts, dense, rows);
              rows[1]! += 1e-3;
            },
          };
        },
      },
    };
    expect(compare(wrong)).toBeGreaterThan(1e-4);
  });
});
