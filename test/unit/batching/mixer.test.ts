import { describe, expect, it } from 'vitest';
import { Mixer, type MixerOptions } from '../../../src/batching/index.js';
import { type Sample, SnapshotPool } from '../../../src/core/index.js';
import { sample } from '../sample.js';

const OPTIONS: MixerOptions = {
  size: 8,
  replayShare: 0,
  maxReplays: 1,
  recencyRows: 64,
  reservoirRows: 64,
  minTargetShare: 0.25,
  maxBatchDelayMs: 100,
  seed: 1,
};

/** Feeds rows (one target in `everyTarget`), taking every step that is due. */
function feed(mixer: Mixer, from: number, to: number, everyTarget = 4): Sample[][] {
  const steps: Sample[][] = [];
  for (let n = from; n < to; n++) {
    mixer.add(sample(n, { domain: n % everyTarget === 0 ? 1 : 0, label: 0 }), n);
    if (mixer.isFull) steps.push(mixer.take());
  }
  return steps;
}

const sequences = (steps: Sample[][]): number[][] => steps.map((rows) => rows.map((s) => s.sequence));

describe('Mixer', () => {
  it('takes all fresh rows, in order, when B have matured', () => {
    const steps = feed(new Mixer(OPTIONS), 0, 20);
    expect(sequences(steps)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9, 10, 11, 12, 13, 14, 15],
    ]);
  });

  it('makes a shorter step due once event time has passed its oldest row by the delay', () => {
    const mixer = new Mixer(OPTIONS);
    mixer.add(sample(0), 1000);
    mixer.add(sample(1), 1050);
    expect(mixer.isOverdue(1100)).toBe(false);
    expect(mixer.isOverdue(1101)).toBe(true);
    expect(mixer.take()).toHaveLength(2);
    expect(mixer.isOverdue(1e9)).toBe(false);
  });

  it('fills the replay share, the target domain first, no row more than r times, every fresh row once', () => {
    const options = { ...OPTIONS, size: 16, replayShare: 0.25, maxReplays: 2 };
    const steps = feed(new Mixer(options), 0, 1200, 8);
    const times = new Map<number, number>();
    for (const rows of steps) for (const s of rows) times.set(s.sequence, (times.get(s.sequence) ?? 0) + 1);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(3);
    expect([...times.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 1200 }, (_, n) => n));
    const late = steps.slice(20);
    const targetShare = late.flat().filter((s) => s.domain === 1).length / late.flat().length;
    expect(targetShare).toBeGreaterThan(0.22); // natural 1/8; lifted towards 1/4
    expect(late.every((rows) => rows.length === 16)).toBe(true);
  });

  it('replays a uniform sample of the past from its reservoir', () => {
    const options = { ...OPTIONS, replayShare: 0.5, maxReplays: 1, recencyRows: 0, reservoirRows: 200 };
    const steps = feed(new Mixer(options), 0, 40_000);
    const ages = steps.slice(-1000).flatMap((rows) => rows.slice(4).map((s) => s.sequence / rows[0]!.sequence));
    const mean = ages.reduce((a, b) => a + b, 0) / ages.length;
    expect(mean).toBeGreaterThan(0.4);
  });

  it('goes on the same after a restore', () => {
    const options = { ...OPTIONS, replayShare: 0.25, maxReplays: 2 };
    const a = new Mixer(options);
    feed(a, 0, 101);
    const pool = new SnapshotPool();
    const state = a.snapshot(pool);
    const b = new Mixer(options);
    b.restore(state, SnapshotPool.decode(pool.encode()));
    expect(sequences(feed(b, 101, 300))).toEqual(sequences(feed(a, 101, 300)));
  });
});
