import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { type ResampledRow, resample } from '../../../src/experiments/resample.js';

const DAY_MS = 86_400_000;
const random = new SeededRandom(9);
function rows(count: number, users: number, firstId: number): ResampledRow[] {
  return Array.from({ length: count }, (_, i) => {
    const timeMs = Math.floor(random.next() * 5 * DAY_MS);
    return { id: firstId + i, user: random.below(users), day: Math.floor(timeMs / DAY_MS), timeMs };
  });
}
const ads = rows(3000, 60, 0);
const feeds = rows(3000, 90, 10_000);
/** Users 40 and above come in the feeds only. */
const users = Array.from({ length: 60 }, (_, i) => (i * 37) % 60);
const options = { trainShare: 0.6, crossShare: 0.2, sourceUsers: 'train' } as const;
const byId = new Map([...ads, ...feeds].map((row) => [row.id, row]));
const usersOf = (ids: readonly number[]) => new Set(ids.map((id) => byId.get(id)!.user));

describe('resampling', () => {
  const { train, valid, test, coldUsers } = resample(ads, feeds, users, options);
  const inAds = (id: number) => id < 10_000;

  it('uses no row twice, and evaluates last-day ads only', () => {
    expect(new Set([...train, ...valid, ...test]).size).toBe(train.length + valid.length + test.length);
    for (const id of [...valid, ...test]) expect([inAds(id), byId.get(id)!.day]).toEqual([true, 4]);
  });

  it('puts no user into valid and test', () => {
    const tested = usersOf(test);
    expect([...usersOf(valid)].filter((user) => tested.has(user))).toEqual([]);
    expect(valid.length).toBeGreaterThan(0);
    expect(test.length).toBeGreaterThan(0);
  });

  it('trains on no ads row of a cold user', () => {
    expect(coldUsers).toHaveLength(24);
    const trained = usersOf(train.filter(inAds));
    expect(coldUsers.filter((user) => trained.has(user))).toEqual([]);
  });

  it('trains on nothing of a user later than what is evaluated of that user', () => {
    const first = new Map<number, number>();
    for (const id of [...valid, ...test]) {
      const { user, timeMs } = byId.get(id)!;
      first.set(user, Math.min(timeMs, first.get(user) ?? Number.POSITIVE_INFINITY));
    }
    const future = (ids: readonly number[]) =>
      ids.filter((id) => byId.get(id)!.timeMs > (first.get(byId.get(id)!.user) ?? Number.POSITIVE_INFINITY));
    expect(future(train)).toEqual([]);
    // the guard had something to do
    expect(future(feeds.map(({ id }) => id)).length).toBeGreaterThan(0);
  });

  it('adds what cold users did in the feeds before the last day where all source users count', () => {
    const all = resample(ads, feeds, users, { ...options, sourceUsers: 'all' });
    const trained = new Set(train);
    const added = all.train.filter((id) => !trained.has(id)).map((id) => byId.get(id)!);
    expect(added.length).toBeGreaterThan(0);
    expect(added.every(({ id, user, day }) => !inAds(id) && day < 4 && coldUsers.includes(user))).toBe(true);
  });
});
