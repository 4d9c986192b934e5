import { describe, expect, it } from 'vitest';
import { ThinnedSeries } from '../../../src/report/index.js';
import { LiveFeed } from '../../../src/server/index.js';
import type { FeedMessage } from '../../../src/server/live-feed.js';
import { runReading } from '../../run-readings.js';

function emptyFeed(): LiveFeed {
  return new LiveFeed({ title: 'a run', charts: [], ceiling: null, examples: () => [] });
}

/** What a page gets that has `lastId`. */
function followed(feed: LiveFeed, lastId?: string): FeedMessage[] {
  const messages: FeedMessage[] = [];
  feed.follow(lastId, (message) => messages.push(message))();
  return messages;
}

describe('a thinned series', () => {
  it('stays small over a day of points, keeps the newest in full and the oldest evenly', () => {
    const series = new ThinnedSeries<number>();
    for (let i = 0; i < 345_600; i++) series.add(i);
    const { entries } = series;
    expect(entries.length).toBeLessThanOrEqual(2560);
    expect(entries.length).toBeGreaterThan(1200);
    expect(entries.slice(-512).map(({ value }) => value)).toEqual(
      Array.from({ length: 512 }, (_, i) => 345_600 - 512 + i),
    );
    const old = entries.slice(0, -1024).map(({ sequence }) => sequence);
    const gaps = new Set(old.slice(1).map((sequence, i) => sequence - old[i]!));
    expect(gaps.size).toBe(1);
    expect(old[0]).toBe(0);
  });

  it('knows what came after an entry, or that it no longer does', () => {
    const series = new ThinnedSeries<number>();
    for (let i = 0; i < 3000; i++) series.add(i);
    expect(series.since(2990)!.map(({ value }) => value)).toEqual([
      2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999,
    ]);
    expect(series.since(2999)).toEqual([]);
    expect(series.since(5)).toBeNull();
    expect(series.since(3000)).toBeNull();
  });
});

describe('a feed', () => {
  it('tells the status once for readings that come together', async () => {
    const feed = emptyFeed();
    const messages: FeedMessage[] = [];
    feed.follow(undefined, (message) => messages.push(message));
    for (let i = 1; i <= 10; i++) feed.reading(runReading(i * 100));
    await expect.poll(() => messages.at(-1)!.event).toBe('status');
    expect(messages.map(({ event }) => event)).toEqual(['reset', 'status', ...Array(10).fill('row'), 'status']);
    expect(JSON.parse(messages.at(-1)!.data).tables.metrics.rows).toHaveLength(10);
  });

  it('gives a new page everything, and one that comes back only what it missed', () => {
    const feed = emptyFeed();
    for (let i = 1; i <= 10; i++) feed.reading(runReading(i * 100));
    const [reset] = followed(feed);
    expect(reset!.event).toBe('reset');
    const { rows, columns, numbers } = JSON.parse(reset!.data);
    expect(rows.map((row: number[]) => row[columns.indexOf('events')])).toEqual(
      numbers.map((n: number) => (n + 1) * 100),
    );
    feed.reading(runReading(1100));
    feed.mark({ kind: 'drift', text: 'drift, target', events: 1100, eventTimeMs: 0, clockMs: 0 });
    expect(followed(feed, reset!.id!).map(({ event }) => event)).toEqual(['row', 'mark', 'status']);
  });

  it('starts anew for a page of another run, or one that names nonsense', () => {
    const feed = emptyFeed();
    feed.reading(runReading(100));
    for (const id of ['elsewhere-0', 'x', '', '-', `${followed(feed)[0]!.id!.split('-')[0]}-99`])
      expect(followed(feed, id)[0]!.event, id).toBe('reset');
  });

  it('keeps the marks of a kind within bounds, newest ones', () => {
    const feed = emptyFeed();
    const mark = { text: 'checkpoint', events: 0, eventTimeMs: 0 };
    feed.mark({ ...mark, kind: 'drift', clockMs: -1 });
    for (let i = 0; i < 1000; i++) feed.mark({ ...mark, kind: 'checkpoint', clockMs: i });
    const { marks } = JSON.parse(followed(feed)[0]!.data);
    expect(marks.length).toBe(201);
    expect(marks.at(-1).clockMs).toBe(999);
    expect(marks[0].kind).toBe('drift');
  });
});
