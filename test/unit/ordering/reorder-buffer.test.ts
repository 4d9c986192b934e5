import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClickEvent, Decoded } from '../../../src/core/index.js';
import { compareEvents, type PlacedEvent, PositionLedger, ReorderBuffer } from '../../../src/ordering/index.js';

const BOUND_MS = 5;
const OPTIONS = { outOfOrdernessMs: BOUND_MS, maxBufferedEvents: 10_000 };

function event(eventTimeMs: number, eventId: string, domain: 'target' | 'source' = 'target'): ClickEvent {
  return {
    eventId,
    kind: 'impression',
    impressionId: eventId,
    eventTimeMs,
    domain,
    userId: 'u',
    itemId: 'i',
    clicked: false,
    userFeatures: [],
    itemFeatures: [],
    row: -1,
  };
}

/** Disorder within the bound only: arrival jitters less than BOUND_MS behind the partition's newest. */
const partitionLog = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 0, max: 4 }),
      lagMs: fc.integer({ min: 0, max: BOUND_MS }),
      source: fc.boolean(),
    }),
    {
      maxLength: 40,
    },
  )
  .map((rows) => {
    let clockMs = 0;
    let newestMs = 0;
    return rows.map(({ stepMs, lagMs, source }) => {
      clockMs += stepMs;
      const timeMs = Math.max(newestMs - BOUND_MS, clockMs - lagMs);
      newestMs = Math.max(newestMs, timeMs);
      return { timeMs, source };
    });
  });

function logs(partitions: readonly (readonly { timeMs: number; source: boolean }[])[]): ClickEvent[][] {
  return partitions.map((rows, p) => rows.map((r, i) => event(r.timeMs, `${p}-${i}`, r.source ? 'source' : 'target')));
}

/** Reads everything through a buffer, `chunk` records at a time, popping as the pipeline does. */
function run(
  partitions: readonly ClickEvent[][],
  chunk: number,
  ledger: PositionLedger,
  stopAfter = Infinity,
): string[] {
  const order = new ReorderBuffer(OPTIONS, ledger.starts(), null);
  const at = ledger.next().map(Number);
  const out: string[] = [];
  for (let p = order.laggard(); p >= 0; p = order.laggard()) {
    const from = at[p]!;
    const records = partitions[p]!.slice(from, from + chunk).map((value): Decoded<ClickEvent> => ({ ok: true, value }));
    at[p] = from + records.length;
    const rejected = order.push({ partition: p, first: BigInt(from), records, last: at[p]! >= partitions[p]!.length });
    for (const r of rejected) ledger.done(r.partition, r.position, Number.NEGATIVE_INFINITY);
    for (let e = order.pop(order.watermarkMs); e !== null; e = order.pop(order.watermarkMs)) {
      if (out.length >= stopAfter) return out;
      out.push(e.event.eventId);
      ledger.done(e.partition, e.position, e.event.eventTimeMs);
    }
  }
  return out;
}

function ledgerFor(partitions: number): PositionLedger {
  const ledger = new PositionLedger();
  ledger.bind(Array.from({ length: partitions }, (_, p) => ({ name: `p${p}` })));
  return ledger;
}

describe('ReorderBuffer', () => {
  it('gives the canonical order whatever the chunk size', () => {
    fc.assert(
      fc.property(
        fc.array(partitionLog, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, chunk) => {
          const partitions = logs(rows);
          const placed: PlacedEvent[] = partitions.flatMap((log, partition) =>
            log.map((e, i) => ({ event: e, partition, position: BigInt(i) })),
          );
          const expected = placed.sort(compareEvents).map((p) => p.event.eventId);
          expect(run(partitions, chunk, ledgerFor(partitions.length))).toEqual(expected);
        },
      ),
    );
  });

  it('repeats and skips nothing when stopped anywhere and started again from the ledger', () => {
    fc.assert(
      fc.property(
        fc.array(partitionLog, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, stopAfter, chunk) => {
          const partitions = logs(rows);
          const whole = run(partitions, 5, ledgerFor(partitions.length));
          const ledger = ledgerFor(partitions.length);
          const first = run(partitions, chunk, ledger, stopAfter);
          const resumed = new PositionLedger();
          resumed.restore(ledger.snapshot());
          resumed.bind(partitions.map((_, p) => ({ name: `p${p}` })));
          expect([...first, ...run(partitions, 4, resumed)]).toEqual(whole);
        },
      ),
    );
  });

  it('finds a record late against its own partition only', () => {
    const order = new ReorderBuffer(OPTIONS, ledgerFor(2).starts(), null);
    const chunk = (partition: number, times: number[], last = false) =>
      order.push({
        partition,
        first: 0n,
        records: times.map((t, i): Decoded<ClickEvent> => ({ ok: true, value: event(t, `${partition}-${i}`) })),
        last,
      });
    expect(chunk(0, [100, 94, 95])).toMatchObject([{ position: 1n, bad: { code: 'DADIN_RECORD_LATE' } }]);
    expect(chunk(1, [10, 20])).toEqual([]); // far behind partition 0, in order within its own
    expect(order.laggard()).toBe(1);
  });

  it('finds what is older than a resumed fold late: its place has passed', () => {
    const order = new ReorderBuffer(OPTIONS, ledgerFor(1).starts(), 50);
    const records = [49, 50, 51].map((t): Decoded<ClickEvent> => ({ ok: true, value: event(t, `${t}`) }));
    expect(order.push({ partition: 0, first: 0n, records, last: true })).toMatchObject([{ position: 0n }]);
    expect(order.pop(order.watermarkMs)?.event.eventTimeMs).toBe(50);
  });

  it('refuses to hold more events than configured', () => {
    const order = new ReorderBuffer({ outOfOrdernessMs: 0, maxBufferedEvents: 2 }, ledgerFor(1).starts(), null);
    const records = [1, 2, 3].map((t): Decoded<ClickEvent> => ({ ok: true, value: event(t, `${t}`) }));
    expect(() => order.push({ partition: 0, first: 0n, records, last: false })).toThrow(/too many events wait/);
  });
});
