import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calibration, EqualMassEce, EqualWidthEce } from '../../../src/evaluation/index.js';
import { copc, equalMassEce, pair, tiedPair } from './oracle.js';

describe('Calibration', () => {
  it('has a Poisson band of two relative standard errors, from zero on', () => {
    const metric = new Calibration();
    expect([metric.ratio, metric.band]).toEqual([null, null]);
    // 400 rows at p = .25 make 100 predicted clicks, and 64 come
    for (let i = 0; i < 400; i++) metric.add(-Math.log(3), i < 64 ? 1 : 0);
    expect(metric.ratio).toBeCloseTo(100 / 64, 6);
    expect(metric.band![0]).toBeCloseTo((100 / 64) * 0.75, 6);
    expect(metric.band![1]).toBeCloseTo((100 / 64) * 1.25, 6);
    for (let i = 0; i < 62; i++) metric.remove(-Math.log(3), 1);
    expect(metric.band![0]).toBe(0);
  });

  it('takes back what it added', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair, { minLength: 1 }), (gone, kept) => {
        const metric = new Calibration();
        for (const row of [...gone, ...kept]) metric.add(row.logit, row.label);
        for (const row of gone) metric.remove(row.logit, row.label);
        const expected = copc(kept);
        if (expected === null) expect(metric.ratio).toBeNull();
        else expect(metric.ratio).toBeCloseTo(expected, 6);
      }),
    );
  });
});

describe('expected calibration error', () => {
  it('over equal masses equals the batch definition for any number of groups, more than rows included', () => {
    fc.assert(
      fc.property(
        fc.array(tiedPair, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 80 }),
        (rows, groups) => {
          const metric = new EqualMassEce({ bins: 1024, clip: 12 });
          for (const row of rows) metric.add(row.logit, row.label);
          expect(metric.error(groups)).toBeCloseTo(equalMassEce(rows, groups, true), 9);
        },
      ),
    );
    expect(new EqualMassEce({ bins: 8, clip: 1 }).error(10)).toBeNull();
  });

  it('over equal widths equals the batch definition and goes on from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 60 }), fc.nat({ max: 60 }), (rows, cut) => {
        let metric = new EqualWidthEce(7);
        const gaps = new Float64Array(7);
        rows.forEach((row, i) => {
          if (i === cut) {
            const restored = new EqualWidthEce(7);
            restored.restore(metric.snapshot());
            metric = restored;
          }
          metric.add(row.logit, row.label);
          const p = 1 / (1 + Math.exp(-Math.fround(row.logit)));
          gaps[Math.min(6, Math.floor(7 * p))]! += p - row.label;
        });
        const total = gaps.reduce((sum, gap) => sum + Math.abs(gap), 0);
        expect(metric.value).toBeCloseTo(total / rows.length, 12);
      }),
    );
    expect(new EqualWidthEce(10).value).toBeNull();
  });
});
