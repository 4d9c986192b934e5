import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { DomainMetrics, Evaluation, type ScoredRow } from '../../../src/evaluation/index.js';
import {
  auc,
  averagePrecisionOf,
  copc,
  delong,
  equalMassEce,
  meanLogLoss,
  normalizedEntropy,
  type Pair,
} from './oracle.js';

const window = { maxRows: 12, minPositives: 3, spanMs: 5 };

const SCORER = { userId: 'u' };

/** Scores in the middle of bins of both histograms, so that binned figures are exact; times out of order. */
const row: fc.Arbitrary<ScoredRow> = fc.record({
  logit: fc.integer({ min: -8, max: 8 }).map((n) => n / 2),
  label: fc.constantFrom(0 as const, 1 as const),
  eventTimeMs: fc.integer({ min: 0, max: 30 }),
  coldUser: fc.boolean(),
  newItem: fc.boolean(),
  userId: fc.integer({ min: 0, max: 3 }).map((n) => `u${n}`),
});

/** The window's policy, said by definition: drop from the front while the policy wants it. */
function windowOf(rows: readonly ScoredRow[]): ScoredRow[] {
  const held: ScoredRow[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const next of rows) {
    held.push(next);
    newest = Math.max(newest, next.eventTimeMs);
    for (;;) {
      const kept = held.slice(1).filter((r) => r.label === 1).length;
      const old = held[0]!.eventTimeMs <= newest - window.spanMs;
      if (held.length > window.maxRows || (kept >= window.minPositives && old)) held.shift();
      else break;
    }
  }
  return held;
}

function near(got: number | null, expected: number | null): void {
  if (got === null || expected === null) expect(got).toBe(expected);
  else expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

function nearSlice(
  got: { auc: number | null; aucSe: number | null; rows: number; positives: number },
  rows: Pair[],
): void {
  near(got.auc, auc(rows));
  near(got.aucSe === null ? null : got.aucSe ** 2, delong(rows) === null ? null : delong(rows)! ** 2);
  expect(got.rows).toBe(rows.length);
  expect(got.positives).toBe(rows.filter((r) => r.label === 1).length);
}

/** The AUC within each user, weighted by its rows. */
function gaucOf(rows: readonly ScoredRow[]): number | null {
  let weight = 0;
  let sum = 0;
  for (const user of new Set(rows.map((r) => r.userId))) {
    const own = rows.filter((r) => r.userId === user);
    const within = auc(own);
    if (within === null) continue;
    weight += own.length;
    sum += own.length * within;
  }
  return weight === 0 ? null : sum / weight;
}

function check(metrics: DomainMetrics, rows: readonly ScoredRow[], held: readonly ScoredRow[]): void {
  const summary = metrics.summary();
  const slices = {
    all: rows,
    cold: rows.filter((r) => r.coldUser),
    warm: rows.filter((r) => !r.coldUser),
    newItem: rows.filter((r) => r.newItem),
  };
  for (const [name, own] of Object.entries(slices)) {
    const slice = name === 'all' ? summary : summary[name as 'cold' | 'warm' | 'newItem'];
    nearSlice(slice, [...own]);
    near(slice.logLoss, own.length === 0 ? null : meanLogLoss(own));
    near(slice.ne, normalizedEntropy(own));
    near(slice.calibration, copc(own));
    near(slice.ece, own.length === 0 ? null : equalMassEce(own, 15, true));
    near(slice.averagePrecision, averagePrecisionOf(own));
    near(slice.gauc, gaucOf(own));
  }
  nearSlice(summary.window, [...held]);
  near(summary.window.logLoss, meanLogLoss(held));
  near(summary.window.ne, normalizedEntropy(held));
  near(summary.window.calibration, copc(held));
  near(summary.window.ece, equalMassEce(held, 15, true));
  near(summary.window.averagePrecision, averagePrecisionOf(held));
  expect(metrics.rollingAuc).toBe(summary.window.auc);
}

describe('DomainMetrics', () => {
  it('equals the batch definitions at every step', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const metrics = new DomainMetrics({ window, bins: 4096 });
        rows.forEach((next, i) => {
          metrics.update(next);
          check(metrics, rows.slice(0, i + 1), windowOf(rows.slice(0, i + 1)));
        });
      }),
      { numRuns: 25 },
    );
  });

  it('restates late labels as if they had been right at once', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.nat(), (rows, pick) => {
        const at = pick % rows.length;
        const metrics = new DomainMetrics({ window, bins: 4096 });
        for (const next of rows) metrics.update(next);
        metrics.restate(rows[at]!);
        const flipped: ScoredRow = { ...rows[at]!, label: rows[at]!.label === 1 ? 0 : 1 };
        const held = windowOf(rows);
        const place = held.lastIndexOf(rows[at]!);
        if (place >= 0) held[place] = flipped;
        // an equal row may stand for it: then the figures are the same
        const twin = held.findLastIndex(
          (r) => r.logit === rows[at]!.logit && r.label === rows[at]!.label && r.eventTimeMs === rows[at]!.eventTimeMs,
        );
        if (place < 0 && twin >= 0) held[twin] = flipped;
        check(metrics, rows.with(at, flipped), held);
      }),
      { numRuns: 60 },
    );
  });

  it('merges the whole-run figures of two partitions', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (left, right) => {
        const [a, b, whole] = [
          new DomainMetrics({ window, bins: 4096 }),
          new DomainMetrics({ window, bins: 4096 }),
          new DomainMetrics({ window, bins: 4096 }),
        ];
        for (const next of left) a.update(next);
        for (const next of right) b.update(next);
        for (const next of [...left, ...right]) whole.update(next);
        a.merge(b);
        const [merged, expected] = [a.summary(), whole.summary()];
        for (const slice of ['cold', 'warm', 'newItem', 'all'] as const) {
          const own = slice === 'all' ? merged : merged[slice];
          const { logLoss, ne, calibration, ece, gauc, gaucUsers, ...rest } =
            slice === 'all' ? expected : expected[slice];
          near(own.logLoss, logLoss);
          near(own.ne, ne);
          near(own.calibration, calibration);
          near(own.ece, ece);
          near(own.gauc, gauc);
          expect(own.gaucUsers).toBe(gaucUsers);
          expect([own.rows, own.auc, own.averagePrecision]).toEqual([rest.rows, rest.auc, rest.averagePrecision]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has nulls, never a number, where a class is missing', () => {
    const metrics = new DomainMetrics({ window, bins: 4096 });
    expect(metrics.summary()).toMatchObject({
      auc: null,
      aucSe: null,
      aucLow: null,
      logLoss: null,
      ne: null,
      ece: null,
      calibration: null,
      averagePrecision: null,
    });
    metrics.update({ logit: 1, label: 0, eventTimeMs: 0, coldUser: false, newItem: false, ...SCORER });
    expect(metrics.summary()).toMatchObject({
      auc: null,
      aucBound: null,
      ne: null,
      calibration: null,
      rows: 1,
      window: { auc: null, rows: 1 },
    });
    expect(metrics.summary().logLoss).toBeGreaterThan(0);
  });

  it('refuses a score that is not a number', () => {
    const metrics = new DomainMetrics({ window, bins: 4096 });
    expect(() =>
      metrics.update({ logit: Number.NaN, label: 0, eventTimeMs: 0, coldUser: false, newItem: false, ...SCORER }),
    ).toThrow(/NaN/);
  });
});

describe('Evaluation', () => {
  it('gives .5 within the interval for random labels, and catches a feature planted from the future', () => {
    const random = new SeededRandom(11);
    const evaluation = new Evaluation({ window: { maxRows: 5000, minPositives: 500, spanMs: 1000 }, bins: 4096 });
    for (let i = 0; i < 20_000; i++) {
      const label = random.next() < 0.1 ? 1 : 0;
      const honest = random.normal();
      const context = {
        label,
        eventTimeMs: i,
        coldUser: i % 3 === 0,
        newItem: i % 5 === 0,
        userId: `u${i % 50}`,
      } as const;
      evaluation.update('target', { logit: honest, ...context });
      evaluation.update('source', { logit: honest + 2 * label, ...context });
    }
    const { target, source } = evaluation.summary();
    expect(target.aucLow!).toBeLessThan(0.5);
    expect(target.aucHigh!).toBeGreaterThan(0.5);
    for (const slice of [target.window, target.cold, target.warm, target.newItem]) {
      expect(Math.abs(slice.auc! - 0.5)).toBeLessThan(3 * slice.aucSe!);
    }
    expect(source.aucLow!).toBeGreaterThan(0.9);
    expect(evaluation.rollingAuc('source')).toBe(source.window.auc);
  });

  it('goes on to the bit from a snapshot', () => {
    const domainRow = fc.tuple(fc.constantFrom('target' as const, 'source' as const), row);
    fc.assert(
      fc.property(fc.array(domainRow, { maxLength: 60 }), fc.array(domainRow, { maxLength: 30 }), (before, after) => {
        const going = new Evaluation({ window, bins: 4096 });
        for (const [domain, next] of before) going.update(domain, next);
        const snapshot = going.snapshot();
        const restored = new Evaluation({ window, bins: 4096 });
        restored.update('target', { logit: 3, label: 1, eventTimeMs: 99, coldUser: true, newItem: true, ...SCORER });
        restored.restore(snapshot);
        expect(restored.summary()).toEqual(going.summary());
        for (const [domain, next] of after) {
          going.update(domain, next);
          restored.update(domain, next);
        }
        expect(isDeepStrictEqual(restored.snapshot(), going.snapshot())).toBe(true);
        expect(restored.summary()).toEqual(going.summary());
      }),
      { numRuns: 40 },
    );
  });
});
