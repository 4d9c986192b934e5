import { describe, expect, it } from 'vitest';
import { LiveReading } from '../../../pipelines/live-reading.js';
import { BoundedReading, type ReadChunk, type Reading } from '../../../pipelines/reading.js';
import type { ClickEvent, Decision, EventSource, LiveNews } from '../../../src/core/index.js';
import { ReorderBuffer } from '../../../src/ordering/index.js';
import { impression } from './small-fold.js';

const BOUND_MS = 10;

function order(): ReorderBuffer {
  const start = { maxTimeMs: Number.NEGATIVE_INFINITY, done: new Set<bigint>() };
  return new ReorderBuffer({ outOfOrdernessMs: BOUND_MS, maxBufferedEvents: 1000 }, [start, start], null);
}

/** Two partitions that the test fills; silence by hand. */
class FakeTopics implements EventSource, LiveNews {
  readonly name = 'topics';
  readonly partitions = ['a/0', 'b/0'].map((name) => ({ name, expectedRecords: null }));
  readonly logs: ClickEvent[][] = [[], []];
  readonly emptyMs: (number | null)[] = [null, null];
  readonly next = [0, 0];
  waits = 0;
  onWait: () => void = () => {};

  add(partition: number, ...times: number[]): void {
    for (const eventTimeMs of times)
      this.logs[partition]!.push(impression({ eventId: `${partition}-${this.logs[partition]!.length}`, eventTimeMs }));
    this.emptyMs[partition] = null;
  }
  async open(): Promise<void> {}
  async read(partition: number, maxRecords: number) {
    const first = this.next[partition]!;
    const records = this.logs[partition]!.slice(first, first + maxRecords);
    this.next[partition] = first + records.length;
    return {
      partition,
      first: BigInt(first),
      records: records.map((value) => ({ ok: true, value }) as const),
      last: false,
    };
  }
  isReady(partition: number): boolean {
    return this.next[partition]! < this.logs[partition]!.length;
  }
  emptyForMs(partition: number): number | null {
    return this.isReady(partition) ? null : this.emptyMs[partition]!;
  }
  async changed(): Promise<void> {
    this.waits++;
    this.onWait();
  }
  async close(): Promise<void> {}
}

interface Seen {
  readonly folded: string[];
  readonly late: string[];
}

/** Takes chunks in as the pipeline does. */
async function drain(reading: Reading, buffer: ReorderBuffer): Promise<Seen> {
  const seen: Seen = { folded: [], late: [] };
  for (let chunk: ReadChunk | null = await reading.next(); chunk !== null; chunk = await reading.next()) {
    seen.late.push(...buffer.push(chunk).map(({ partition, position }) => `${partition}-${position}`));
    const watermarkMs = buffer.watermarkMs;
    for (let e = buffer.pop(watermarkMs); e !== null; e = buffer.pop(watermarkMs)) seen.folded.push(e.event.eventId);
  }
  return seen;
}

function live(topics: FakeTopics, buffer: ReorderBuffer, decisions: Decision[], stop: AbortController): LiveReading {
  return new LiveReading(topics, topics, buffer, [0n, 0n], {
    idleTimeoutMs: 500,
    stop: stop.signal,
    isAwaited: () => false,
    decisions: [],
    record: async (decision) => {
      decisions.push(decision);
    },
  });
}

describe('live reading', () => {
  it('waits for a partition that may speak, passes over one that was silent for long enough, by a decision', async () => {
    const topics = new FakeTopics();
    topics.add(0, 100, 110, 200, 300);
    const buffer = order();
    const decisions: Decision[] = [];
    const stop = new AbortController();
    const script: (() => void)[] = [
      () => expect(decisions).toEqual([]), // nobody knows yet whether b is empty
      () => {
        topics.emptyMs[1] = 499;
      },
      () => {
        expect(decisions).toEqual([]);
        topics.emptyMs[1] = 500;
      },
      () => {
        topics.add(1, 120, 295); // 120 lies behind what was decided, 295 within the bound
        topics.emptyMs[0] = 600;
      },
    ];
    topics.onWait = () => {
      const next = script.shift();
      if (next === undefined) stop.abort();
      else next();
    };
    const seen = await drain(live(topics, buffer, decisions, stop), buffer);
    expect(decisions[0]).toEqual({ kind: 'watermark', partition: 'b/0', position: 0n, timeMs: 300 });
    expect(seen.folded.slice(0, 3)).toEqual(['0-0', '0-1', '0-2']);
    expect(seen.late).toEqual(['1-0']);

    const again = order();
    const ended = new FakeTopics();
    ended.logs[0] = topics.logs[0]!;
    ended.logs[1] = topics.logs[1]!;
    const bounded: EventSource = {
      ...ended,
      name: ended.name,
      partitions: ended.partitions,
      open: async () => {},
      async read(partition, maxRecords) {
        const chunk = await ended.read(partition, Math.min(maxRecords, 1));
        return { ...chunk, last: !ended.isReady(partition) };
      },
      close: async () => {},
    };
    const stopNever = new AbortController().signal;
    const repeated = await drain(new BoundedReading(bounded, again, [0n, 0n], stopNever, decisions), again);
    expect(repeated.late, 'the same record is late, whatever the chunks').toEqual(seen.late);
    expect(repeated.folded.slice(0, seen.folded.length)).toEqual(seen.folded);
  });

  it('does not hurry a silent partition on more than ten times a second', async () => {
    const topics = new FakeTopics();
    const buffer = order();
    const decisions: Decision[] = [];
    const stop = new AbortController();
    let clockMs = 500;
    topics.onWait = () => {
      clockMs += 10;
      if (clockMs > 1500) stop.abort();
      topics.add(0, clockMs);
      topics.emptyMs[1] = clockMs;
    };
    topics.emptyMs[1] = clockMs;
    await drain(live(topics, buffer, decisions, stop), buffer);
    expect(decisions.length).toBeGreaterThan(8);
    expect(decisions.length).toBeLessThanOrEqual(11);
    const times = decisions.flatMap((one) => (one.kind === 'watermark' ? [one.timeMs] : []));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});
