import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../../../src/statistics/index.js';

const OPTIONS = { maxKeys: 4000, halfLifeMs: null };

function row(random: SeededRandom): [number, number[], number[]] {
  return [
    random.below(2),
    [1 + random.below(30), 300 + random.below(3)],
    [100 + random.below(40), 200 + random.below(5)],
  ];
}

it('a copy that takes in what changed reads as the original reads once event time moves on', () => {
  const random = new SeededRandom(3, 'statistics');
  const statistics = new ClickStatistics(OPTIONS);
  const copy = new ClickStatistics(OPTIONS);
  let timeMs = 0;
  for (let version = 0; version < 50; version++) {
    for (let k = random.below(20); k > 0; k--) {
      timeMs += random.below(2);
      statistics.advance(timeMs);
      const [domain, user, item] = row(random);
      statistics.update(domain, user, item, random.below(3) === 0);
    }
    const part = statistics.serving(null);
    expect(part.wholeBecause === null).toBe(version > 0);
    copy.apply(part);
    statistics.published();

    const later = new ClickStatistics(OPTIONS);
    later.restore(statistics.snapshot());
    later.advance(timeMs + 1);
    for (let k = 0; k < 20; k++) {
      const [domain, user, item] = row(random);
      const [a, b] = [new Float32Array(STATISTICS_COLUMNS.length), new Float32Array(STATISTICS_COLUMNS.length)];
      later.read(domain, user, item, a, 0);
      copy.read(domain, user, item, b, 0);
      expect(b).toEqual(a);
    }
  }
});

it('is whole again once keys were forgotten', () => {
  const random = new SeededRandom(4, 'forgotten');
  const statistics = new ClickStatistics({ maxKeys: 40, halfLifeMs: null });
  statistics.advance(0);
  statistics.published();
  for (let k = 1; statistics.evicted === 0; k++) {
    const [domain, user, item] = row(random);
    statistics.update(domain, user, item, false);
    statistics.advance(k);
  }
  expect(statistics.serving(null).wholeBecause).toBe('statistics forgot their oldest keys');
});

it('goes on across a snapshot', () => {
  const random = new SeededRandom(6, 'snapshot');
  const statistics = new ClickStatistics(OPTIONS);
  for (let k = 0; k < 100; k++) {
    if (k === 50) statistics.published();
    statistics.advance(k);
    const [domain, user, item] = row(random);
    statistics.update(domain, user, item, k % 2 === 0);
  }
  const other = new ClickStatistics(OPTIONS);
  other.restore(statistics.snapshot());
  other.restorePublishing(statistics.snapshotPublishing());
  const [a, b] = [other, statistics].map((one) => one.serving(null));
  expect(Array.from(a!.tables[0]!.ids).sort()).toEqual(Array.from(b!.tables[0]!.ids).sort());
  expect(a!.tables[0]!.ids.length).toBeLessThan(statistics.serving('all').tables[0]!.ids.length);
});
