import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { createFusedOps, type FusedOps } from '../../../src/kernel/fused-ops.js';

let ops: FusedOps;
beforeAll(async () => {
  ops = await createFusedOps();
});

const RATE = 0.01;
const FACTORS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Algorithm 1 of Kingma and Ba in float64. */
function oracle(weights: Float64Array, m: Float64Array, v: Float64Array, gradient: Float32Array, t: number): void {
  for (let i = 0; i < weights.length; i++) {
    m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!;
    v[i] = 0.999 * v[i]! + 0.001 * gradient[i]! ** 2;
    weights[i]! -= (RATE * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
  }
}

function stepped(t: number): typeof FACTORS & { step: number; correction: number } {
  return { ...FACTORS, step: RATE / (1 - 0.9 ** t), correction: 1 / (1 - 0.999 ** t) };
}

describe('FusedAdam', () => {
  it("knows its arrays when another kernel's memory has grown in the same thread", async () => {
    const before = ops.adam.floats(4).fill(1);
    (await createFusedOps()).adam.floats(2 ** 20);
    const after = ops.adam.floats(4).fill(3);
    expect([before, after].map((x) => ops.adam.within(x, 2))).toEqual([true, false]);
  });

  it.each([1, 3, 4, 7, 33])('follows the algorithm over %i weights and touches nothing beyond', (n) => {
    const random = new SeededRandom(n);
    const { adam } = ops;
    const block = adam.floats(n + 8).fill(7, n);
    const [weights, gradient, m, v] = [block.subarray(0, n), adam.floats(n), adam.floats(n), adam.floats(n)];
    const [w64, m64, v64] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    for (let t = 1; t <= 200; t++) {
      for (let i = 0; i < n; i++) gradient[i] = random.normal() * 10 ** random.below(5);
      adam.step(weights, gradient, m, v, stepped(t));
      oracle(w64, m64, v64, gradient, t);
    }
    for (let i = 0; i < n; i++) expect(Math.abs(weights[i]! - w64[i]!)).toBeLessThan(1e-5);
    expect([...block.subarray(n)]).toEqual(Array.from({ length: 8 }, () => 7));
  });

  it('keeps moments without gradients out of the subnormal numbers, and the weights where they are', () => {
    const { adam } = ops;
    const [weights, gradient, m, v] = [adam.floats(5), adam.floats(5).fill(1), adam.floats(5), adam.floats(5)];
    adam.step(weights, gradient, m, v, stepped(1));
    gradient.fill(0);
    for (let t = 2; t <= 20_000; t++) adam.step(weights, gradient, m, v, stepped(t));
    const reached = weights.slice();
    for (let t = 20_001; t <= 200_000; t++) adam.step(weights, gradient, m, v, stepped(t));
    expect(weights).toEqual(reached);
    for (const moment of [...m, ...v]) {
      expect(moment).toBeGreaterThan(1e-36);
      expect(moment).toBeLessThan(1e-24);
    }
  });

  it('keeps its arrays when the memory grows, and they are matrices without copying', () => {
    const weights = ops.adam.floats(6).fill(2);
    ops.scope(() => {
      ops.upload(new Float32Array(4_000_000), 2000, 2000);
      weights[5] = 3;
      expect([...ops.download(ops.upload(weights.subarray(3), 1, 3), new Float32Array(3))]).toEqual([2, 2, 3]);
    });
    expect([...weights]).toEqual([2, 2, 2, 2, 2, 3]);
  });

  it('says which arrays are within a limit, whatever the place of the offender', () => {
    for (const n of [1, 4, 11]) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -2, 2]) {
        for (let i = 0; i < n; i++) {
          const x = ops.adam.floats(n).fill(-1);
          expect(ops.adam.within(x, 1)).toBe(true);
          x[i] = bad;
          expect(ops.adam.within(x, 1)).toBe(false);
        }
      }
    }
  });

  it('refuses arrays from elsewhere and of another length', () => {
    const { adam } = ops;
    const [mine, other] = [adam.floats(4), new Float32Array(4)];
    expect(() => adam.step(other, mine, mine, mine, stepped(1))).toThrow(/adam/);
    expect(() => adam.step(mine, mine, adam.floats(5), mine, stepped(1))).toThrow(/adam/);
    expect(() => adam.within(other, 1)).toThrow(/adam/);
  });
});
