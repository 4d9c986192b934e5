import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VersionMetrics } from '../../../src/evaluation/index.js';
import { auc, tiedPair } from './oracle.js';

const versionRow = fc.tuple(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom('target' as const, 'source' as const),
  tiedPair,
);

describe('VersionMetrics', () => {
  it('keeps the AUC of each version and domain apart, and goes on from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(versionRow, { maxLength: 80 }), fc.nat({ max: 80 }), (rows, cut) => {
        let metrics = new VersionMetrics(5);
        rows.forEach(([version, domain, { logit, label }], i) => {
          if (i === cut) {
            const restored = new VersionMetrics(5);
            restored.restore(metrics.snapshot());
            metrics = restored;
          }
          metrics.add(version, domain, logit, label);
        });
        const versions = [...new Set(rows.map(([version]) => version))].sort();
        const summary = metrics.summary();
        expect(summary.map((s) => s.version)).toEqual(versions);
        for (const { version, ...domains } of summary) {
          for (const domain of ['target', 'source'] as const) {
            const own = rows.filter(([v, d]) => v === version && d === domain).map(([, , pair]) => pair);
            const expected = auc(own);
            expect(domains[domain].rows).toBe(own.length);
            if (expected === null) expect(domains[domain].auc).toBeNull();
            else expect(domains[domain].auc).toBeCloseTo(expected, 12);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the newest versions only, and never takes an old one back', () => {
    const metrics = new VersionMetrics(2);
    for (const version of [3, 1, 5, 1, 7, 3, 7]) metrics.add(version, 'target', 0, 1);
    expect(metrics.summary().map((s) => [s.version, s.target.rows])).toEqual([
      [5, 1],
      [7, 2],
    ]);
  });
});
