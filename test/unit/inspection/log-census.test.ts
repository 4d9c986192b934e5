import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BadRecord, ClickEvent, EventChunk, EventSource } from '../../../src/core/index.js';
import { takeCensus } from '../../../src/inspection/log-census.js';
import { censusOf, event, START_MS } from './checks/census.js';

describe('clicks as messages', () => {
  const impression = (at: number, id: string) => event(at, { impressionId: id, clicked: null });
  const click = (at: number, id: string) => event(at, { kind: 'click', impressionId: id, clicked: true });

  it('find their impression before or after, within the window, once', () => {
    const census = censusOf([
      impression(0, 'a'),
      click(10, 'a'),
      click(11, 'a'),
      impression(20, 'b'),
      click(81, 'b'),
      click(90, 'c'),
      impression(91, 'c'),
      click(99, 'nobody'),
    ]);
    expect(census.clicks).toMatchObject({
      matched: 2,
      tooLate: 1,
      orphaned: 1,
      repeated: 1,
      orphanExamples: ['nobody'],
    });
    expect(census.domains.target).toMatchObject({ impressions: 3, clicked: 2, notClicked: 1, labelledLater: 3 });
  });
});

it('counts what was known before each impression, as a brute count over all earlier rows does', () => {
  const row = fc.record({
    userId: fc.constantFrom('a', 'b', 'c'),
    itemId: fc.constantFrom('x', 'y', 'z'),
    domain: fc.constantFrom('target' as const, 'source' as const),
    clicked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const events = rows.map((change, at) => event(at, change));
      const census = censusOf(events);
      for (const domain of ['target', 'source'] as const) {
        const own = events.filter((e) => e.domain === domain);
        const earlier = (e: ClickEvent) => events.filter((other) => other.row < e.row);
        const clickedBefore = (e: ClickEvent, where: string) =>
          earlier(e).some((other) => other.userId === e.userId && other.domain === where && other.clicked === true);
        expect(census.domains[domain]).toMatchObject({
          impressions: own.length,
          clicked: own.filter((e) => e.clicked).length,
          notClicked: own.filter((e) => !e.clicked).length,
          newItem: own.filter((e) => !earlier(e).some((o) => o.domain === domain && o.itemId === e.itemId)).length,
          withSourceHistory: own.filter((e) => clickedBefore(e, 'source')).length,
          withTargetHistory: own.filter((e) => clickedBefore(e, 'target')).length,
        });
      }
    }),
  );
});

it('an event id that comes again is counted and looked at no further', () => {
  const twice = [event(0, { row: -1, eventId: 'x' }), event(1, { row: -1, eventId: 'x', clicked: true })];
  expect(censusOf(twice)).toMatchObject({ duplicates: 1, domains: { target: { impressions: 1, clicked: 0 } } });
});

describe('reading a source', () => {
  function source(partitions: readonly (readonly (ClickEvent | BadRecord)[])[]): EventSource {
    return {
      name: 'test',
      partitions: partitions.map((_, i) => ({ name: `p${i}`, expectedRecords: null })),
      open: async () => {},
      close: async () => {},
      read: async (partition, max): Promise<EventChunk> => {
        const records = partitions[partition]!.slice(0, max).map((record) =>
          'code' in record ? { ok: false as const, bad: record } : { ok: true as const, value: record },
        );
        return { partition, first: 0n, records, last: partitions[partition]!.length <= max };
      },
    };
  }
  const options = { ordering: { outOfOrdernessMs: 0, maxBufferedEvents: 100 }, attributionWindowMs: 1000 };

  it('merges by time, so that the domains see each other, and keeps examples of what it cannot use', async () => {
    const bad: BadRecord = { code: 'DADIN_RECORD_FIELD', reason: 'no user', original: null };
    const census = await takeCensus(
      source([
        [event(0), event(5), event(3)],
        [event(1, { domain: 'source', clicked: true }), bad],
      ]),
      { ...options, maxRecords: 100 },
    );
    expect(census).toMatchObject({ records: 5, events: 3, isCut: false });
    expect(census.domains.target).toMatchObject({ impressions: 2, withSourceHistory: 1 });
    expect([...census.rejections.keys()].sort()).toEqual(['DADIN_RECORD_FIELD', 'DADIN_RECORD_LATE']);
    expect(census.rejections.get('DADIN_RECORD_FIELD')?.examples).toEqual(['p1:1: no user']);
    expect(census.longestGap).toEqual({ fromMs: START_MS + 1000, toMs: START_MS + 5000 });
  });

  it('stops at the limit and says so', async () => {
    const census = await takeCensus(source([[event(0), event(1), event(2)]]), { ...options, maxRecords: 2 });
    expect(census).toMatchObject({ records: 2, isCut: true });
  });
});
