import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Sample, SnapshotPool } from '../../../src/core/index.js';
import { LabelJoin } from '../../../src/join/index.js';
import { sample } from '../sample.js';

const WINDOW_MS = 10;

/** Runs a log of (time, impression n | click on n); returns final labels by impression id and the join. */
function run(log: readonly { timeMs: number; kind: 'impression' | 'click'; n: number }[], restoreAt = -1) {
  let join = new LabelJoin({ attributionWindowMs: WINDOW_MS, maxPending: 1000 });
  const labels = new Map<string, number>();
  const late: string[] = [];
  const mature = (s: Sample): void => {
    expect(labels.has(s.impressionId)).toBe(false);
    labels.set(s.impressionId, s.label);
  };
  log.forEach(({ timeMs, kind, n }, i) => {
    if (i === restoreAt) {
      const pool = new SnapshotPool();
      const state = join.snapshot(pool);
      join = new LabelJoin({ attributionWindowMs: WINDOW_MS, maxPending: 1000 });
      join.restore(state, SnapshotPool.decode(pool.encode()));
    }
    join.advance(timeMs, mature);
    if (kind === 'impression') {
      const s = sample(n, { eventTimeMs: timeMs });
      if (join.addImpression(s, () => expect.unreachable())) mature(s);
    } else {
      const s = join.addClick(1, `i${n}`, timeMs, ({ impressionId, label }) => {
        expect(labels.get(impressionId)).toBe(label);
        late.push(impressionId);
      });
      if (s !== null) mature(s);
    }
  });
  join.advance(Number.POSITIVE_INFINITY, mature);
  return { labels: Object.fromEntries([...labels].sort()), late: late.sort(), join };
}

const logArbitrary = fc
  .uniqueArray(
    fc.record({
      n: fc.integer({ min: 0, max: 30 }),
      atMs: fc.integer({ min: 0, max: 40 }),
      delayMs: fc.option(fc.integer({ min: -5, max: 20 })),
    }),
    {
      selector: (r) => r.n,
      maxLength: 20,
    },
  )
  .map((rows) => ({
    rows,
    log: rows
      .flatMap(({ n, atMs, delayMs }) => [
        { timeMs: atMs, kind: 'impression' as const, n },
        ...(delayMs === null ? [] : [{ timeMs: atMs + delayMs, kind: 'click' as const, n }]),
      ])
      .sort((a, b) => a.timeMs - b.timeMs || a.n - b.n),
  }));

describe('LabelJoin', () => {
  it('labels every impression once: 1 for a click from one window before to one window after, else 0', () => {
    fc.assert(
      fc.property(logArbitrary, ({ rows, log }) => {
        const expected = rows.map(({ n, delayMs }) => [
          `i${n}`,
          delayMs !== null && Math.abs(delayMs) <= WINDOW_MS ? 1 : 0,
        ]);
        const { labels, late, join } = run(log);
        expect(labels).toEqual(Object.fromEntries(expected.sort()));
        const isLate = (delayMs: number | null) => delayMs !== null && delayMs > WINDOW_MS && delayMs <= 2 * WINDOW_MS;
        expect(late).toEqual(rows.flatMap(({ n, delayMs }) => (isLate(delayMs) ? [`i${n}`] : [])).sort());
        expect(join.lateClicks).toBe(late.length);
        expect(join.provisional).toEqual([0, 0]);
      }),
    );
  });

  it('goes on the same after a restore at any place', () => {
    fc.assert(
      fc.property(logArbitrary, fc.nat(40), ({ log }, at) => {
        const { join: _, ...whole } = run(log);
        expect(run(log, at)).toMatchObject(whole);
      }),
    );
  });

  it('gives up the oldest impression beyond its bound, counted', () => {
    const join = new LabelJoin({ attributionWindowMs: WINDOW_MS, maxPending: 2 });
    const lost: number[] = [];
    for (let n = 0; n < 5; n++) join.addImpression(sample(n, { eventTimeMs: n }), (s) => lost.push(s.sequence));
    expect(join.pending).toBe(2);
    expect(join.givenUp).toBe(3);
    expect(lost).toEqual([0, 1, 2]);
    expect(join.addClick(1, 'i0', 5, () => expect.unreachable())).toBeNull();
    expect(join.addClick(1, 'i4', 5, () => expect.unreachable())?.label).toBe(1);
  });

  it('counts impressions without a click until a second window has passed, or there are too many', () => {
    const join = new LabelJoin({ attributionWindowMs: WINDOW_MS, maxPending: 2 });
    for (const n of [0, 1, 20, 21]) {
      join.advance(n, () => {});
      join.addImpression(sample(n, { eventTimeMs: n, domain: n % 2 }), () => expect.unreachable());
    }
    expect(join.provisional).toEqual([0, 1]); // that of 0 has been for two windows
    join.advance(21 + WINDOW_MS + 1, () => {});
    expect(join.provisional).toEqual([1, 1]);
    expect(join.addClick(0, 'i20', 33, () => {})).toBeNull();
    expect(join.provisional).toEqual([0, 1]);
  });

  it('counts clicks that meet no impression', () => {
    const { join } = run([
      { timeMs: 1, kind: 'click', n: 9 },
      { timeMs: 50, kind: 'impression', n: 1 },
    ]);
    expect(join.orphanClicks).toBe(1);
  });
});
