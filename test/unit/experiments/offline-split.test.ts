import { describe, expect, it } from 'vitest';
import { DadinError, type Item, type Sample, SeededRandom } from '../../../src/core/index.js';
import { resampledSplit, shuffle, splitByTime } from '../../../src/experiments/offline-split.js';

const HOUR_MS = 3_600_000;
const CLICKED: Item = {
  serial: 0,
  domain: 1,
  featureIds: Float64Array.of(1),
  impressions: 1,
  batchStamp: 0,
  batchSlot: 0,
};

/** Forty users; a target row (every third clicked) and a source row every hour for four days. */
function fourDays(): Sample[] {
  const random = new SeededRandom(1, 'test');
  return Array.from({ length: 2 * 96 * 8 }, (_, sequence) => {
    const eventTimeMs = Math.floor(sequence / 16) * HOUR_MS + (sequence % 16);
    return sample(sequence, eventTimeMs, (sequence % 2) as 0 | 1, `u${random.below(40)}`, sequence % 3 === 0 ? 1 : 0);
  });
}

function sample(sequence: number, eventTimeMs: number, domain: 0 | 1, userId: string, label: number): Sample {
  return {
    sequence,
    eventId: String(sequence),
    impressionId: String(sequence),
    eventTimeMs,
    domain,
    userId,
    itemId: 'i',
    userFeatureIds: [],
    item: CLICKED,
    historyTarget: [CLICKED],
    historySource: [CLICKED],
    coldUser: false,
    newItem: false,
    dense: new Float32Array(0),
    offset: 0,
    targetOnly: null,
    logit: Number.NaN,
    scoredAtStep: -1,
    label,
    replays: 0,
  };
}

const OPTIONS = { trainShare: 0.6, crossShare: 0.5, sourceUsers: 'train' } as const;

describe('algorithm 2 over samples', () => {
  const samples = fourDays();
  const { train, valid, test, coldUsers } = resampledSplit(samples, 7, OPTIONS);

  it('evaluates target rows of the last day alone, each user in one part', () => {
    for (const { domain, eventTimeMs } of [...valid, ...test]) {
      expect(domain).toBe(1);
      expect(eventTimeMs).toBeGreaterThanOrEqual(72 * HOUR_MS);
    }
    const users = (rows: readonly Sample[]) => new Set(rows.map(({ userId }) => userId));
    expect([...users(valid)].filter((user) => users(test).has(user))).toEqual([]);
    const trained = new Set(train.map(({ sequence }) => sequence));
    expect([...valid, ...test].filter(({ sequence }) => trained.has(sequence))).toEqual([]);
  });

  it('trains on no target row of a cold user, and shows no target click of one', () => {
    expect(coldUsers.size).toBe(16);
    expect(train.filter(({ userId }) => coldUsers.has(userId))).toEqual([]);
    for (const { userId, historyTarget, historySource } of [...train, ...valid, ...test]) {
      expect(historyTarget.length).toBe(coldUsers.has(userId) ? 0 : 1);
      expect(historySource.length).toBe(1);
    }
    expect(samples.every(({ historyTarget }) => historyTarget.length === 1)).toBe(true);
  });

  it('leaves out source rows that come after an evaluated row of their user', () => {
    const first = new Map<string, number>();
    for (const { userId, eventTimeMs } of [...valid, ...test].toReversed()) first.set(userId, eventTimeMs);
    const late = train.filter(
      ({ domain, userId, eventTimeMs }) =>
        domain === 0 && eventTimeMs > (first.get(userId) ?? Number.POSITIVE_INFINITY),
    );
    expect(late).toEqual([]);
  });

  it('is another cut with another seed, and the same with the same', () => {
    const sequences = ({ test: rows }: { readonly test: readonly Sample[] }) => rows.map(({ sequence }) => sequence);
    expect(sequences(resampledSplit(samples, 7, OPTIONS))).toEqual(sequences({ test }));
    expect(sequences(resampledSplit(samples, 8, OPTIONS))).not.toEqual(sequences({ test }));
  });

  it('refuses a log with nothing to evaluate', () => {
    const unclicked = samples.map((one) => ({ ...one, label: one.eventTimeMs < 72 * HOUR_MS ? one.label : 0 }));
    expect(() => resampledSplit(unclicked, 7, OPTIONS)).toThrow(DadinError);
  });
});

it('splits by time: everything in train is older than valid, that than test', () => {
  const { train, valid, test } = splitByTime(fourDays(), [0.7, 0.15]);
  const last = (rows: readonly Sample[]) => Math.max(...rows.map(({ sequence }) => sequence));
  expect(last(train)).toBeLessThan(valid[0]!.sequence);
  expect(last(valid)).toBeLessThan(test[0]!.sequence);
  expect([...valid, ...test].every(({ domain }) => domain === 1)).toBe(true);
  expect(test.length).toBe(115);
});

it('shuffles a copy, every value kept', () => {
  const values = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = shuffle(values, new SeededRandom(3));
  expect(shuffled).not.toEqual(values);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(values);
});
