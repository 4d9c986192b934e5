import { describe, expect, it } from 'vitest';
import type { ModelOptions } from '../../../src/model/model-options.js';
import { SMALL_MODEL } from './options.js';
import { evaluate, maxDifference, type SmallProblem, smallProblem } from './small-problem.js';

const EXTRACTOR = /^(att|int|bi|dnn|da)\./;

/** Parts of a flat gradient whose tensor name matches. */
function part(problem: SmallProblem, flat: Float64Array, name: RegExp): Float64Array {
  const matching = problem.layout.tensors(flat).filter((tensor) => name.test(tensor.name));
  return Float64Array.from(matching.flatMap(({ data }) => [...data]));
}

describe('gradient reversal', () => {
  const problem = smallProblem(21, SMALL_MODEL);
  const at = (reversal: number) => evaluate(problem, { reversal });

  it('is affine in lambda_grl', () => {
    const [zero, one, two] = [at(0), at(1), at(2)];
    for (const key of ['dense', 'rows'] as const) {
      const extrapolated = one[key].map((x, i) => 2 * x - zero[key][i]!);
      expect(maxDifference(extrapolated, two[key])).toBeLessThan(1e-15);
      expect(maxDifference(one[key], two[key])).toBeGreaterThan(1e-6);
    }
  });

  it('leaves discriminators and predictor alone', () => {
    for (const name of [/^dom\./, /^pred\./]) {
      expect(part(problem, at(0).dense, name)).toEqual(part(problem, at(1.7).dense, name));
    }
  });

  it('at 0 gives the extractor the gradient of L_y alone', () => {
    const labelOnly = evaluate(problem, { reversal: null });
    expect(part(problem, at(0).dense, EXTRACTOR)).toEqual(part(problem, labelOnly.dense, EXTRACTOR));
    expect(at(0).rows).toEqual(labelOnly.rows);
  });

  it('makes a small step of the extractor raise L_d, and of the discriminators lower it', () => {
    const adversary = smallProblem(22, { ...SMALL_MODEL, lambda1: 0, lambda3: 0 });
    const start = evaluate(adversary);
    for (const [name, direction] of [
      [EXTRACTOR, 1],
      [/^dom\./, -1],
    ] as const) {
      const moved = adversary.flat.slice();
      const weights = adversary.layout.tensors(moved);
      adversary.layout.tensors(start.dense).forEach(({ data }, k) => {
        if (!name.test(weights[k]!.name)) return;
        for (let i = 0; i < data.length; i++) weights[k]!.data[i]! -= 1e-4 * data[i]!;
      });
      const after = evaluate({ ...adversary, flat: moved });
      expect(Math.sign(after.losses.discriminators!.domain - start.losses.discriminators!.domain)).toBe(direction);
    }
  });
});

describe('the predicted probability in the class discriminators', () => {
  const silent: ModelOptions = { ...SMALL_MODEL, lambda1: 0, lambda2: 0 };

  it('passes nothing to the predictor when detached', () => {
    const problem = smallProblem(23, silent);
    expect(part(problem, evaluate(problem).dense, /^pred\./).every((g) => g === 0)).toBe(true);
  });

  it('does when attached', () => {
    const problem = smallProblem(23, { ...silent, detachYhat: false });
    expect(part(problem, evaluate(problem).dense, /^pred\./).some((g) => g !== 0)).toBe(true);
  });
});

describe('the threshold', () => {
  const problem = smallProblem(24, SMALL_MODEL);

  it('at 0 leaves class 0 empty, above 1 class 1, both finite', () => {
    const all1 = evaluate(problem, { threshold: 0 });
    const all0 = evaluate(problem, { threshold: 1.0001 });
    expect(all1.losses.discriminators).toMatchObject({ class0: 0 });
    expect(all1.losses.discriminators!.class1).toBeGreaterThan(0);
    expect(all0.losses.discriminators).toMatchObject({ class1: 0 });
    expect(all0.losses.discriminators!.class0).toBeGreaterThan(0);
    for (const { losses, dense, rows } of [all1, all0]) {
      expect([losses.total, ...dense, ...rows].every(Number.isFinite)).toBe(true);
    }
    expect(part(problem, all1.dense, /^dom\.c0\./).every((g) => g === 0)).toBe(true);
  });

  it('puts a prediction equal to T into class 1', () => {
    const { prediction } = evaluate(problem).losses;
    const top = Math.max(...prediction);
    expect(evaluate(problem, { threshold: top }).losses.discriminators!.class1).toBeGreaterThan(0);
    expect(evaluate(problem, { threshold: top * (1 + 1e-12) }).losses.discriminators!.class1).toBe(0);
  });
});

describe('one-domain batches and ablations', () => {
  it.each([0, 1] as const)('a batch of domain %i skips the discriminators', (domain) => {
    const problem = smallProblem(25, SMALL_MODEL, { domain });
    const { losses, dense } = evaluate(problem);
    expect(losses.discriminators).toBeNull();
    expect(losses.total).toBe(losses.label);
    expect(part(problem, dense, /^dom\./).every((g) => g === 0)).toBe(true);
  });

  it('DADIN9 is DADIN++ with lambda2 = lambda3 = 0', () => {
    const ninth = smallProblem(26, { ...SMALL_MODEL, ablation: 9 });
    const without = smallProblem(26, { ...SMALL_MODEL, lambda2: 0, lambda3: 0 });
    const [a, b] = [evaluate(ninth), evaluate(without)];
    expect(a.dense).toEqual(b.dense);
    expect(a.rows).toEqual(b.rows);
    expect(a.losses.total).toBe(b.losses.total);
  });

  it('balanced domains weigh one half each, whatever their rows', () => {
    const problem = smallProblem(27, { ...SMALL_MODEL, domainBalance: 'balanced' });
    const { domain } = problem.embedded.batch;
    domain.fill(0);
    domain[3] = 1;
    const { losses, dense } = evaluate(problem);
    const logits = losses.discriminators!.logits;
    const ce = (i: number) => Math.log1p(Math.exp(domain[i] === 1 ? -logits[3 * i]! : logits[3 * i]!));
    const others = [0, 1, 2, 4, 5, 6, 7].reduce((sum, i) => sum + ce(i) / 7, 0);
    expect(losses.discriminators!.domain).toBeCloseTo(0.5 * ce(3) + 0.5 * others, 12);
    expect(dense.every(Number.isFinite)).toBe(true);
  });
});
