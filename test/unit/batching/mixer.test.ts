import { describe, expect, it } from 'vitest';
import { Mixer, type MixerOptions } from '../../../src/batching/index.js';
import { SnapshotPool, type TrainingRow } from '../../../src/core/index.js';
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
function feed(
  mixer: Mixer,
  from: number,
  to: number,
  everyTarget = 4,
  labelOf: (n: number) => number = () => 0,
): TrainingRow[][] {
  const steps: TrainingRow[][] = [];
  for (let n = from; n < to; n++) {
    const row = sample(n, { domain: n % everyTarget === 0 ? 1 : 0, label: labelOf(n) });
    mixer.add({ sample: row, label: row.label, weight: 1 }, n);
    mixer.addReplayable(row);
    if (mixer.isFull) steps.push(mixer.take());
  }
  return steps;
}

const fresh = (n: number) => ({ sample: sample(n), label: 1, weight: 1 });
const sequences = (steps: TrainingRow[][]): number[][] => steps.map((rows) => rows.map((r) => r.sample.sequence));

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
    mixer.add(fresh(0), 1000);
    mixer.add(fresh(1), 1050);
    expect(mixer.isOverdue(1100)).toBe(false);
    expect(mixer.isOverdue(1101)).toBe(true);
    expect(mixer.take()).toHaveLength(2);
    expect(mixer.isOverdue(1e9)).toBe(false);
  });

  it('fills the replay share, the target domain first, no row more than r times, every fresh row once', () => {
    const options = { ...OPTIONS, size: 16, replayShare: 0.25, maxReplays: 2 };
    const steps = feed(new Mixer(options), 0, 1200, 8);
    const times = new Map<number, number>();
    for (const rows of steps) for (const { sample: s } of rows) times.set(s.sequence, (times.get(s.sequence) ?? 0) + 1);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(3);
    expect([...times.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 1200 }, (_, n) => n));
    const late = steps.slice(20);
    const targetShare = late.flat().filter(({ sample: s }) => s.domain === 1).length / late.flat().length;
    expect(targetShare).toBeGreaterThan(0.22); // natural 1/8; lifted towards 1/4
    expect(late.every((rows) => rows.length === 16)).toBe(true);
  });

  it('replays a uniform sample of the past from its reservoir', () => {
    const options = { ...OPTIONS, replayShare: 0.5, maxReplays: 1, recencyRows: 0, reservoirRows: 200 };
    const steps = feed(new Mixer(options), 0, 40_000);
    const ages = steps
      .slice(-1000)
      .flatMap((rows) => rows.slice(4).map((r) => r.sample.sequence / rows[0]!.sample.sequence));
    const mean = ages.reduce((a, b) => a + b, 0) / ages.length;
    expect(mean).toBeGreaterThan(0.4);
  });

  describe('where one row in a hundred is clicked', () => {
    const options = { ...OPTIONS, size: 16, replayShare: 0.25, maxReplays: 2, recencyRows: 0, reservoirRows: 20_000 };
    const isClick = (n: number) => +((n * 2_654_435_761) % 4_294_967_296 < 42_949_673);
    const steps = feed(new Mixer(options), 0, 100_000, 1, isClick).slice(2000);
    const replayed = steps.flatMap((rows) => rows.slice(12));
    const weightOf = (label: number) =>
      replayed.filter((r) => r.label === label).reduce((sum, { weight }) => sum + weight, 0);

    it('replays clicks oftener than they came, weighted back to their share of the past', () => {
      const clicks = replayed.filter(({ label }) => label === 1);
      expect(clicks.length / replayed.length).toBeGreaterThan(0.02);
      expect(weightOf(1) / (weightOf(0) + weightOf(1))).toBeCloseTo(0.01, 3);
      expect(weightOf(0) + weightOf(1)).toBeGreaterThan(0.99 * replayed.length);
      expect(weightOf(0) + weightOf(1)).toBeLessThan(1.01 * replayed.length);
    });

    it('weighs them back even where most clicks have no replay left', () => {
      const scarce = { ...options, maxReplays: 1, reservoirRows: 2000 };
      const rows = feed(new Mixer(scarce), 0, 100_000, 1, isClick)
        .slice(2000)
        .flatMap((step) => step.slice(12));
      const sum = (label: number) => rows.filter((r) => r.label === label).reduce((w, { weight }) => w + weight, 0);
      expect(sum(1) / (sum(0) + sum(1))).toBeCloseTo(0.01, 3);
    });
  });

  it('replays labels in their natural proportion, unweighted, where clicks are common', () => {
    const options = { ...OPTIONS, size: 16, replayShare: 0.25, maxReplays: 2, recencyRows: 0, reservoirRows: 2000 };
    const steps = feed(new Mixer(options), 0, 50_000, 1, (n) => +(n % 7 === 0));
    const replayed = steps.slice(100).flatMap((rows) => rows.slice(12));
    expect(new Set(replayed.map(({ weight }) => weight))).toEqual(new Set([1]));
    expect(replayed.filter(({ label }) => label === 1).length / replayed.length).toBeCloseTo(1 / 7, 2);
  });

  it.each([
    ['unclicked', () => 0],
    ['rarely clicked', (n: number) => +(n % 40 === 0)],
  ])('goes on the same after a restore, %s', (_, labelOf) => {
    const options = { ...OPTIONS, replayShare: 0.25, maxReplays: 2 };
    const a = new Mixer(options);
    feed(a, 0, 301, 4, labelOf);
    const pool = new SnapshotPool();
    const state = a.snapshot(pool);
    const b = new Mixer(options);
    b.restore(state, SnapshotPool.decode(pool.encode()));
    expect(sequences(feed(b, 301, 600, 4, labelOf))).toEqual(sequences(feed(a, 301, 600, 4, labelOf)));
  });

  it('after drift of a domain replays half as many of its old rows for a while, and no fewer fresh ones', () => {
    const options = { ...OPTIONS, size: 40, replayShare: 0.5, maxReplays: 4 };
    const replayedOf = (adapt: (mixer: Mixer) => void): number[][] => {
      const mixer = new Mixer(options);
      feed(mixer, 0, 2000);
      adapt(mixer);
      return feed(mixer, 2000, 2160).map((rows) => {
        expect(rows.slice(0, 20).every(({ sample: { sequence } }) => sequence >= 2000)).toBe(true);
        return [0, 1].map((domain) => rows.slice(20).filter((row) => row.sample.domain === domain).length);
      });
    };
    const calm = replayedOf(() => {});
    expect(calm.every(([source, target]) => source! + target! === 20 && target! > 0)).toBe(true);
    const source = replayedOf((mixer) => mixer.adapt(0, 3));
    const target = replayedOf((mixer) => mixer.adapt(1, 3));
    for (let step = 0; step < 3; step++) {
      expect(source[step]![0]!).toBeLessThanOrEqual(calm[step]![0]! / 2 + 1);
      expect(source[step]![1]!).toBeGreaterThan(calm[step]![1]!);
      expect(target[step]![0]!).toBeLessThan(calm[step]![0]!);
    }
    expect([source, target].map((steps) => steps[3]!.reduce((sum, n) => sum + n, 0))).toEqual([20, 20]);
  });
});
