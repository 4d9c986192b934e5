import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotPool } from '../../../src/core/index.js';
import { LabelLooks } from '../../../src/join/index.js';
import { sample } from '../sample.js';

const LOOK_MS = 4;
const WINDOW_MS = 10;
const OPTIONS = { firstLookAtMs: (atMs: number) => atMs + LOOK_MS, attributionWindowMs: WINDOW_MS, maxPending: 1000 };

const impressions = fc.array(
  fc.record({ gapMs: fc.integer({ min: 0, max: 6 }), delayMs: fc.option(fc.integer({ min: 0, max: WINDOW_MS })) }),
  { maxLength: 30 },
);

type Told = readonly [kind: 'look' | 'outcome', sequence: number, seen: number, label: number];

/** Ticks through event time; clicks become known at their time, closed windows at the first tick after them. */
function run(rows: readonly { gapMs: number; delayMs: number | null }[], restoreAtMs = -1): Told[] {
  let looks = new LabelLooks(OPTIONS);
  const told: Told[] = [];
  let atMs = 0;
  const samples = rows.map(({ gapMs }, n) => {
    atMs += gapMs;
    return sample(n, { eventTimeMs: atMs });
  });
  for (let nowMs = 0; nowMs <= atMs + WINDOW_MS + 1; nowMs++) {
    if (nowMs === restoreAtMs) {
      const pool = new SnapshotPool();
      const state = looks.snapshot(pool);
      const restored = SnapshotPool.decode(pool.encode());
      looks = new LabelLooks(OPTIONS);
      looks.restore(state, restored);
      // the samples are others now
      const kept = restored.samples((state as { queue: Uint32Array }).queue);
      for (const s of kept) samples[s.sequence] = s;
    }
    for (const s of samples) if (s.label < 0 && s.eventTimeMs + WINDOW_MS < nowMs) s.label = 0;
    looks.advance(
      nowMs,
      (s, label) => told.push(['look', s.sequence, label, s.label]),
      (s, seen) => told.push(['outcome', s.sequence, seen, s.label]),
    );
    for (const [n, s] of samples.entries()) {
      if (s.eventTimeMs === nowMs) looks.add(s);
      const { delayMs } = rows[n]!;
      if (delayMs !== null && s.eventTimeMs + delayMs === nowMs) {
        expect(looks.isOver(s, nowMs)).toBe(delayMs > LOOK_MS);
        s.label = 1;
      }
    }
  }
  return told;
}

describe('LabelLooks', () => {
  it('sees clicks up to the first look, and tells each outcome once the window is over', () => {
    fc.assert(
      fc.property(impressions, (rows) => {
        const told = run(rows);
        const of = (kind: string) => told.filter(([k]) => k === kind).map(([, n, seen, label]) => [n, seen, label]);
        const seen = ({ delayMs }: { delayMs: number | null }) => +(delayMs !== null && delayMs <= LOOK_MS);
        expect(of('look').map(([n, s]) => [n, s])).toEqual(rows.map((row, n) => [n, seen(row)]));
        expect(of('outcome')).toEqual(rows.map((row, n) => [n, seen(row), +(row.delayMs !== null)]));
      }),
    );
  });

  it('goes on the same after a restore at any time', () => {
    fc.assert(
      fc.property(impressions, fc.nat(100), (rows, atMs) => {
        expect(run(rows, atMs)).toEqual(run(rows));
      }),
    );
  });

  it('leaves the oldest out beyond its bound, counted, and has no outcome of what was given up', () => {
    const looks = new LabelLooks({ ...OPTIONS, maxPending: 1 });
    for (let n = 0; n < 5; n++) looks.add(sample(n, { eventTimeMs: n, label: n % 2 === 0 ? 1 : -1 }));
    const outcomes: number[] = [];
    const first: number[] = [];
    looks.advance(
      100,
      (s) => first.push(s.sequence),
      (s) => outcomes.push(s.sequence),
    );
    expect([looks.leftOut, looks.pending, first, outcomes]).toEqual([2, 0, [3, 4], [4]]);
  });
});
