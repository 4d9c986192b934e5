import { describe, expect, it } from 'vitest';
import type { ModelOptions } from '../../../src/model/model-options.js';
import { SMALL_MODEL } from './options.js';
import { evaluate, type SmallProblem, smallProblem } from './small-problem.js';

const EPSILON = 1e-6;

/** With lambda_grl = -1 the reversal is the identity, so that all gradients are those of the total loss. */
function compare(problem: SmallProblem, dropoutMask: Float64Array | null = null): number {
  const settings = { reversal: -1, dropoutMask };
  const { dense, rows } = evaluate(problem, settings);
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
      const above = evaluate(problem, settings).losses.total;
      weights[i] = kept - EPSILON;
      const below = evaluate(problem, settings).losses.total;
      weights[i] = kept;
      worst = Math.max(worst, Math.abs((above - below) / (2 * EPSILON) - gradient[i]!));
    }
  }
  return worst;
}

const attached: ModelOptions = { ...SMALL_MODEL, detachYhat: false, lambda2: 0.7, lambda3: 0.8, alpha: 0.3 };

describe('every gradient is the central difference of the loss', () => {
  it.each<[string, Partial<ModelOptions>]>([
    ['as printed', {}],
    ['bias inside', { interestBias: 'inside' }],
    ['tanh', { discriminatorInput: 'tanh' }],
    ['last layer linear', { lastActivation: 'linear' }],
    ['class scale normalised', { classScale: 'normalised' }],
    ['domains balanced', { domainBalance: 'balanced' }],
    ['statistics and offset as inputs', { denseWidth: 3, offsetInput: true }],
    ['statistics without DNN', { denseWidth: 2, ablation: 4 }],
    ...Array.from({ length: 9 }, (_, i): [string, Partial<ModelOptions>] => [`ablation ${i + 1}`, { ablation: i + 1 }]),
  ])('%s', (_, change) => {
    const problem = smallProblem(11, { ...attached, ...change });
    problem.embedded.batch.offset.fill(0.25);
    problem.embedded.batch.weight.forEach((_w, i, all) => {
      all[i] = 0.5 + i;
    });
    expect(compare(problem)).toBeLessThan(1e-5);
  });

  it('with dropout', () => {
    const problem = smallProblem(12, attached);
    const mask = Float64Array.from({ length: 8 * attached.predictorWidth }, (_, i) => (i % 5 === 0 ? 0 : 1.25));
    expect(compare(problem, mask)).toBeLessThan(1e-5);
  });

  it('notices a wrong gradient', () => {
    const problem = smallProblem(11, { ...SMALL_MODEL, detachYhat: true });
    expect(compare(problem)).toBeGreaterThan(1e-5);
  });
});
