import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgedRow, PublishedVersions, VersionMetrics } from '../../../src/evaluation/index.js';
import { auc, meanLogLoss, tiedPair } from './oracle.js';

const row = (version: number) => ({ version, logit: 0, label: 1 as const, coldUser: false, newItem: false });

describe('VersionMetrics', () => {
  it('keeps the newest versions only, and never takes an old one back', () => {
    const metrics = new VersionMetrics(2);
    for (const version of [3, 1, 5, 1, 7, 3, 7]) metrics.add(row(version), judgedRow(0, 1));
    expect(metrics.summary().map((s) => [s.version, s.all.rows, s.warm.rows, s.cold.rows])).toEqual([
      [5, 1, 1, 0],
      [7, 2, 2, 0],
    ]);
  });

  it('restates a row of a version that it still holds', () => {
    const metrics = new VersionMetrics(2);
    for (const version of [1, 2, 3]) metrics.add(row(version), judgedRow(0, 1));
    metrics.restate(row(3));
    metrics.restate(row(1));
    expect(metrics.summary().map((s) => [s.version, s.all.rows, s.all.positives])).toEqual([
      [2, 1, 1],
      [3, 1, 0],
    ]);
  });
});

describe('PublishedVersions', () => {
  const scored = fc.record({ pair: tiedPair, step: fc.integer({ min: 0, max: 40 }), cold: fc.boolean() });

  it('gives each version the rows scored from its publication to the next, restored or not', () => {
    fc.assert(
      fc.property(fc.array(scored, { maxLength: 60 }), fc.nat({ max: 60 }), (rows, cut) => {
        const published = [
          [3, 10],
          [4, 25],
        ] as const;
        const versionOf = (step: number) => (step >= 25 ? 4 : step >= 10 ? 3 : 0);
        let versions = new PublishedVersions();
        for (const [version, step] of published) versions.published(version, step);
        const asRow = ({ pair, cold }: (typeof rows)[number]) =>
          ({ ...pair, eventTimeMs: 0, userId: 'u', coldUser: cold, newItem: !cold }) as const;
        rows.forEach((row, i) => {
          if (i === cut) {
            const restored = new PublishedVersions();
            restored.restore(versions.snapshot());
            versions = restored;
          }
          versions.add('target', asRow(row), row.step);
        });
        const { target, source } = versions.summary()!;
        expect(source).toEqual([]);
        expect(target.map((v) => v.version)).toEqual([...new Set(rows.map((r) => versionOf(r.step)))].sort());
        for (const { version, all, cold, newItem } of target) {
          const own = rows.filter((r) => versionOf(r.step) === version);
          const expected = auc(own.map((r) => r.pair));
          if (expected === null) expect(all.auc).toBeNull();
          else expect(all.auc).toBeCloseTo(expected, 12);
          expect(all.logLoss).toBeCloseTo(meanLogLoss(own.map((r) => r.pair))!, 9);
          const isCold = own.filter((r) => r.cold).length;
          expect([all.rows, cold.rows, newItem.rows]).toEqual([own.length, isCold, own.length - isCold]);
        }
        const [first] = rows;
        if (first === undefined) return;
        versions.restate('target', asRow(first), first.step);
        const restated = versions.summary()!.target.find((v) => v.version === versionOf(first.step))!;
        const before = target.find((v) => v.version === versionOf(first.step))!;
        expect(restated.all.positives - before.all.positives).toBe(1 - 2 * first.pair.label);
      }),
      { numRuns: 40 },
    );
  });
});
