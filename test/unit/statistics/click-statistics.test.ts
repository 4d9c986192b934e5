import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClickStatistics, STATISTICS_COLUMNS } from '../../../src/statistics/index.js';

const WIDTH = STATISTICS_COLUMNS.length;
const UNBOUNDED = { maxKeys: 1_000_000, halfLifeMs: null };

interface Row {
  readonly timeMs: number;
  readonly domain: number;
  readonly user: number;
  readonly item: number;
  readonly attributes: readonly number[];
  readonly clicked: boolean;
}

const userIds = (row: Row): number[] => [100 + row.user, 777];
const itemIds = (row: Row): number[] => [1e6 + row.item + 1e6 * row.domain, ...row.attributes.map((a) => 300 + a)];

function columnsOf(statistics: ClickStatistics, row: Row): number[] {
  const into = new Float32Array(WIDTH + 2).fill(9);
  statistics.advance(row.timeMs);
  statistics.read(row.domain, userIds(row), itemIds(row), into, 1);
  expect([into[0], into[WIDTH + 1]]).toEqual([9, 9]);
  return Array.from(into.subarray(1, WIDTH + 1));
}

function update(statistics: ClickStatistics, row: Row): void {
  statistics.update(row.domain, userIds(row), itemIds(row), row.clicked);
}

/** By the definition: a scan over all rows of strictly smaller time. */
function bruteForce(rows: readonly Row[], row: Row, halfLifeMs: number | null): number[] {
  const earlier = rows.filter(({ timeMs }) => timeMs < row.timeMs);
  const mean = (earlier.filter(({ clicked }) => clicked).length + 1) / (earlier.length + 2);
  const pair = (matches: (other: Row) => boolean): [number, number] => {
    let n = 0;
    let positives = 0;
    for (const other of earlier.filter(matches)) {
      const kept = halfLifeMs === null ? 1 : 2 ** ((other.timeMs - row.timeMs) / halfLifeMs);
      n += kept;
      if (other.clicked) positives += kept;
    }
    const rate = (positives + 5 * mean) / (n + 5);
    return [Math.log(rate / (1 - rate)) / 2, Math.log(1 + n) / 4];
  };
  const meanOf = (pairs: [number, number][]): number[] =>
    pairs.length === 0
      ? [Math.log(mean / (1 - mean)) / 2, 0]
      : [0, 1].map((k) => pairs.reduce((sum, p) => sum + p[k]!, 0) / pairs.length);
  const sameUser = (other: Row): boolean => other.user === row.user;
  const sameItem = (other: Row): boolean => other.item === row.item && other.domain === row.domain;
  const recent = (matches: (other: Row) => boolean, memory: number): number => {
    const matching = earlier.filter(matches);
    let n = 0;
    let positives = 0;
    matching.forEach((other, k) => {
      const later = matching.length - 1 - k;
      const kept =
        (1 - 1 / memory) ** later * (halfLifeMs === null ? 1 : 2 ** ((other.timeMs - row.timeMs) / halfLifeMs));
      n += kept;
      if (other.clicked) positives += kept;
    });
    const rate = (positives + 2 * mean) / (n + 2);
    return Math.log(rate / (1 - rate)) / 2;
  };
  return [
    ...pair(sameUser),
    ...pair((other) => sameUser(other) && other.domain === row.domain),
    ...pair(sameItem),
    ...meanOf(row.attributes.map((a) => pair((other) => sameUser(other) && other.attributes.includes(a)))),
    ...meanOf(row.attributes.map((a) => pair((other) => other.attributes.includes(a)))),
    recent(sameUser, 5),
    recent(sameItem, 20),
    // every user has the attribute 777
    recent(sameItem, 20),
  ];
}

const small = fc.integer({ min: 0, max: 3 });
const anyRows = fc
  .array(
    fc.record({
      timeMs: fc.integer({ min: 0, max: 40 }),
      domain: fc.integer({ min: 0, max: 1 }),
      user: small,
      item: small,
      attributes: fc.uniqueArray(small, { maxLength: 3 }),
      clicked: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((rows): Row[] => rows.sort((a, b) => a.timeMs - b.timeMs));

describe('ClickStatistics', () => {
  it.each([null, 8])('equals a scan over the rows of strictly smaller time, half-life %s', (halfLifeMs) => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const statistics = new ClickStatistics({ ...UNBOUNDED, halfLifeMs });
        for (const row of rows) {
          const columns = columnsOf(statistics, row);
          bruteForce(rows, row, halfLifeMs).forEach((value, k) => {
            expect(columns[k]).toBeCloseTo(value, 5);
          });
          update(statistics, row);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('names its columns in the order it writes them', () => {
    expect(STATISTICS_COLUMNS).toEqual([
      'user.rate',
      'user.count',
      'userDomain.rate',
      'userDomain.count',
      'item.rate',
      'item.count',
      'userAttribute.rate',
      'userAttribute.count',
      'attribute.rate',
      'attribute.count',
      'user.recent',
      'item.recent',
      'attributeItem.recent',
    ]);
  });

  it('shows an event to later events only, not to those of its own time', () => {
    const statistics = new ClickStatistics(UNBOUNDED);
    const row: Row = { timeMs: 5, domain: 1, user: 0, item: 0, attributes: [1], clicked: true };
    const nothing = columnsOf(statistics, row);
    update(statistics, row);
    expect(columnsOf(statistics, row)).toEqual(nothing);
    expect(columnsOf(statistics, { ...row, timeMs: 6 })[1]).toBeCloseTo(Math.log(2) / 4, 6);
  });

  it('goes on to the bit after a restore, updates held back included', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(60), (rows, cut) => {
        const options = { maxKeys: 12, halfLifeMs: 5 };
        const whole = new ClickStatistics(options);
        let stopped = new ClickStatistics(options);
        rows.forEach((row, k) => {
          if (k === cut) {
            const state = stopped.snapshot();
            update(stopped, row); // the snapshot is a copy
            stopped = new ClickStatistics(options);
            stopped.restore(state);
          }
          expect(columnsOf(stopped, row)).toEqual(columnsOf(whole, row));
          update(stopped, row);
          update(whole, row);
        });
        expect(stopped.snapshot()).toEqual(whole.snapshot());
      }),
      { numRuns: 60 },
    );
  });

  it('is bounded: a key in use stays, the longest unchanged are forgotten', () => {
    const statistics = new ClickStatistics({ maxKeys: 100, halfLifeMs: null });
    const regular: Row = { timeMs: 0, domain: 1, user: 0, item: 0, attributes: [], clicked: true };
    for (let n = 0; n < 2000; n++) {
      const visitor: Row = { ...regular, timeMs: n, user: 1 + n, item: 1 + n };
      columnsOf(statistics, visitor);
      update(statistics, { ...regular, timeMs: n });
      update(statistics, visitor);
    }
    const after = { timeMs: 3000 };
    expect(columnsOf(statistics, { ...regular, ...after })[1]).toBeCloseTo(Math.log(2001) / 4, 5);
    expect(columnsOf(statistics, { ...regular, ...after, user: 5 })[1]).toBe(0);
    expect(statistics.keys).toBeLessThanOrEqual(100);
    // 6 keys of the regular and of each visitor: user, user and domain, item, and the recent ones
    expect(statistics.evicted).toBe(6 + 6 * 2000 - statistics.keys);
  });
});
