import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { BinnedAuc, ExactAuc } from '../../../src/evaluation/index.js';
import { aucStandardError } from '../../../src/evaluation/placements.js';
import { auc, delong, type Pair, pair, twiceU } from './oracle.js';

function standardErrorOf(metric: ExactAuc): number | null {
  const { positives, negatives } = metric.groups();
  return aucStandardError(positives, negatives);
}

describe('ExactAuc', () => {
  it('equals the sum over pairs after every insertion and removal, ties included', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), fc.integer({ min: 1, max: 25 }), (rows, window) => {
        const metric = new ExactAuc();
        rows.forEach((row, i) => {
          metric.add(row.logit, row.label);
          if (i >= window) metric.remove(rows[i - window]!.logit, rows[i - window]!.label);
          const held = rows.slice(Math.max(0, i - window + 1), i + 1);
          expect(metric.twiceU).toBe(twiceU(held));
          expect(metric.auc).toBe(auc(held));
          const error = delong(held);
          if (error === null) expect(standardErrorOf(metric)).toBeNull();
          else expect(standardErrorOf(metric)).toBeCloseTo(error, 7);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps 2U through ten thousand random additions and removals', () => {
    const random = new SeededRandom(3);
    const metric = new ExactAuc();
    const held: Pair[] = [];
    for (let i = 0; i < 10_000; i++) {
      if (held.length > 0 && (held.length > 300 || random.next() < 0.45)) {
        const [row] = held.splice(random.below(held.length), 1);
        metric.remove(row!.logit, row!.label);
      } else {
        const row: Pair = {
          logit: Math.fround(Math.round(random.normal() * 10) / 10),
          label: random.next() < 0.2 ? 1 : 0,
        };
        metric.add(row.logit, row.label);
        held.push(row);
      }
      if (i % 100 === 0) expect(metric.twiceU).toBe(twiceU(held));
    }
    expect(metric.twiceU).toBe(twiceU(held));
  });

  it('refuses to remove what was never added', () => {
    const metric = new ExactAuc();
    metric.add(1, 1);
    expect(() => metric.remove(1, 0)).toThrow(/no negative/);
  });
});

describe('BinnedAuc', () => {
  const bins = { bins: 16, clip: 3 };

  it('stays within its published bound of the exact value, and is exact where bins hold one score', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 80 }), (rows) => {
        const metric = new BinnedAuc(bins);
        for (const row of rows) metric.add(row.logit, row.label);
        const { auc: binned, aucBound: bound } = metric.summary();
        const exact = auc(rows);
        if (exact === null) expect([binned, bound]).toEqual([null, null]);
        else expect(Math.abs(binned! - exact)).toBeLessThanOrEqual(bound! + 1e-12);
      }),
    );
  });

  it('merges partitions and forgets removed rows without a trace', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), (left, right) => {
        const whole = new BinnedAuc(bins);
        const a = new BinnedAuc(bins);
        const b = new BinnedAuc(bins);
        for (const row of left) a.add(row.logit, row.label);
        for (const row of right) b.add(row.logit, row.label);
        for (const row of [...left, ...right]) whole.add(row.logit, row.label);
        a.merge(b);
        expect(a.snapshot()).toEqual(whole.snapshot());
        expect(a.summary()).toEqual(whole.summary());
        for (const row of left) whole.remove(row.logit, row.label);
        expect(whole.snapshot()).toEqual(b.snapshot());
      }),
    );
    expect(() => new BinnedAuc(bins).merge(new BinnedAuc({ bins: 8, clip: 3 }))).toThrow(/different bins/);
  });
});
