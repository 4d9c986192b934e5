import { describe, expect, it } from 'vitest';
import type { Ragged, SampleBatch } from '../../../src/core/index.js';
import { SMALL_MODEL } from './options.js';
import { evaluate, maxDifference, type SmallProblem, smallProblem } from './small-problem.js';

/** Lists in another order inside each row. */
function reversedLists({ splits, items }: Ragged): Ragged {
  const reversed = new Int32Array(items.length);
  for (let i = 0; i + 1 < splits.length; i++) reversed.set(items.slice(splits[i], splits[i + 1]).reverse(), splits[i]);
  return { splits, items: reversed };
}

/** Row order[i] becomes row i. */
function permuted({ splits, items }: Ragged, order: readonly number[]): Ragged {
  const lists = order.map((row) => [...items.slice(splits[row], splits[row + 1])]);
  const lengths = lists.map((list) => list.length);
  return {
    splits: Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0))]),
    items: Int32Array.from(lists.flat()),
  };
}

function withBatch(problem: SmallProblem, change: Partial<SampleBatch>): SmallProblem {
  return { ...problem, embedded: { ...problem.embedded, batch: { ...problem.embedded.batch, ...change } } };
}

describe('order does not matter', () => {
  const problem = smallProblem(31, SMALL_MODEL);
  const { batch, userFeatures, itemFeatures } = problem.embedded;
  const base = evaluate(problem);

  it('inside histories', () => {
    const other = withBatch(problem, { histT: reversedLists(batch.histT), histS: reversedLists(batch.histS) });
    expect(maxDifference(evaluate(other).logit, base.logit)).toBeLessThan(1e-14);
  });

  it('inside a field', () => {
    const embedded = {
      ...problem.embedded,
      userFeatures: reversedLists(userFeatures),
      itemFeatures: reversedLists(itemFeatures),
    };
    expect(maxDifference(evaluate({ ...problem, embedded }).logit, base.logit)).toBeLessThan(1e-14);
  });

  it('of rows: each is computed for itself, the losses are those of the set', () => {
    const order = [5, 2, 7, 0, 1, 6, 3, 4];
    const reorder = <A extends Uint8Array | Float32Array | Int32Array>(values: A): A =>
      values.map((_, i) => values[order[i]!]!) as A;
    const other = withBatch(problem, {
      domain: reorder(batch.domain),
      label: reorder(batch.label),
      candidate: reorder(batch.candidate),
      histT: permuted(batch.histT, order),
      histS: permuted(batch.histS, order),
    });
    const result = evaluate({ ...other, embedded: { ...other.embedded, userFeatures: permuted(userFeatures, order) } });
    expect([...result.logit]).toEqual(order.map((row) => base.logit[row]!));
    expect(maxDifference(result.dense, base.dense)).toBeLessThan(1e-14);
    expect(result.losses.total).toBeCloseTo(base.losses.total, 14);
  });
});

describe('histories', () => {
  const empty = { splits: new Int32Array(9), items: new Int32Array(0) };

  it('an empty one pools to zero, without NaN anywhere', () => {
    const problem = withBatch(smallProblem(32, SMALL_MODEL), { histT: empty, histS: empty });
    const { losses, dense, rows } = evaluate(problem, {}, ({ a, b, betaT }) => {
      expect(a.value.data.every((x) => x === 0)).toBe(true);
      expect(b.value.data.every((x) => x === 0)).toBe(true);
      expect(betaT?.rows).toBe(0);
    });
    expect([losses.total, ...dense, ...rows].every(Number.isFinite)).toBe(true);
  });

  it('weights of every other one sum to 1', () => {
    const problem = smallProblem(33, SMALL_MODEL);
    const { splits } = problem.embedded.batch.histT;
    evaluate(problem, {}, ({ betaT }) => {
      for (let i = 0; i < 8; i++) {
        const weights = betaT!.data.slice(splits[i], splits[i + 1]);
        if (weights.length > 0) expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 14);
        expect(weights.every((w) => w > 0)).toBe(true);
      }
    });
  });

  it('of the target domain alone carry gradient to target items in a batch of source rows', () => {
    const source = smallProblem(34, SMALL_MODEL, { domain: 0 });
    const touched = (problem: SmallProblem): boolean => {
      const { rows } = evaluate(problem);
      const { batch, itemFeatures } = problem.embedded;
      const candidates = new Set([...batch.candidate, ...batch.histS.items]);
      return [...new Set(batch.histT.items)]
        .filter((item) => !candidates.has(item))
        .some((item) => {
          // the item's own id stands first, what it shares with other items second
          const row = itemFeatures.items[itemFeatures.splits[item]!]!;
          return rows.slice(row * 4, row * 4 + 4).some((g) => g !== 0);
        });
    };
    expect(touched(source)).toBe(true);
    const without = withBatch(source, { histT: empty });
    const { rows } = evaluate(without);
    const { itemFeatures } = without.embedded;
    const targetOnly = new Set(source.embedded.batch.histT.items);
    for (const item of targetOnly) {
      const row = itemFeatures.items[itemFeatures.splits[item]!]!;
      expect(rows.slice(row * 4, row * 4 + 4).every((g) => g === 0)).toBe(true);
    }
  });
});

describe('by hand: d = 1, c = 1, q = 2, p = 3', () => {
  /** A row with one user feature, one candidate and the given target history of one-feature items. */
  function byHand(history: readonly number[], ablation = 0): { m: number[]; z: number } {
    const problem = smallProblem(35, { ...SMALL_MODEL, width: 1, hidden: [1], ablation }, { size: 1 });
    const { layout, flat } = problem;
    flat.fill(0);
    if (ablation === 0) layout.view(flat, 'bi.c').fill(1);
    layout.view(flat, 'dnn.0.W').fill(1);
    const count = history.length;
    const embedded: SmallProblem['embedded'] = {
      ...problem.embedded,
      batch: {
        ...problem.embedded.batch,
        candidate: Int32Array.of(0),
        histT: { splits: Int32Array.of(0, count), items: Int32Array.from(history, (_, l) => l + 1) },
        histS: { splits: new Int32Array(2), items: new Int32Array(0) },
      },
      embeddings: Float64Array.from([3, 2, ...history]),
      embeddingRows: 2 + count,
      userFeatures: { splits: Int32Array.of(0, 1), items: Int32Array.of(0) },
      itemFeatures: {
        splits: Int32Array.from({ length: 2 + count }, (_, i) => i),
        items: Int32Array.from({ length: 1 + count }, (_, i) => i + 1),
      },
    };
    let m: number[] = [];
    let z = Number.NaN;
    evaluate({ ...problem, embedded }, { reversal: null }, (output) => {
      m = [output.q, output.p, output.a, output.b].map(({ value }, k) => {
        const v = k === 0 ? 1 : (output.interest?.value.data[k - 1] ?? Number.NaN);
        return v * value.data[0]!;
      });
      z = output.hSpec.value.data[0]!;
    });
    return { m, z };
  }

  it('without history m = (2, 3, 0, 0), z = 6', () => {
    expect(byHand([])).toEqual({ m: [2, 3, 0, 0], z: 6 });
  });

  it('with history (1) m = (2, 3, 1, 0), z = 11', () => {
    expect(byHand([1])).toEqual({ m: [2, 3, 1, 0], z: 11 });
  });

  it('keeps the sign: with history (-4), z = 6 - 8 - 12 is negative before the ReLU', () => {
    expect(byHand([-4]).z).toBe(0);
  });
});

describe('extremes stay finite', () => {
  it.each([40, -40, 700])('logits near %i', (bias) => {
    const problem = smallProblem(36, SMALL_MODEL);
    problem.layout.view(problem.flat, 'pred.b2').fill(bias);
    const { losses, dense, rows } = evaluate(problem);
    expect([losses.total, ...dense, ...rows].every(Number.isFinite)).toBe(true);
  });

  it('interest exponents of 100 are clamped', () => {
    const problem = smallProblem(37, SMALL_MODEL);
    problem.layout.view(problem.flat, 'int.V').fill(50);
    problem.layout.view(problem.flat, 'int.g').fill(50);
    const { losses, dense, rows } = evaluate(problem, {}, ({ interest }) => {
      expect(Math.max(...interest!.value.data)).toBeGreaterThan(Math.exp(14.9));
    });
    expect([losses.total, ...dense, ...rows].every(Number.isFinite)).toBe(true);
  });

  it('one row without history', () => {
    const { losses, dense } = evaluate(smallProblem(38, SMALL_MODEL, { size: 1, historyLength: 0 }));
    expect(losses.discriminators).toBeNull();
    expect([losses.total, ...dense].every(Number.isFinite)).toBe(true);
  });
});
