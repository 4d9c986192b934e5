import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ClickHistories } from '../../../../src/sources/synthetic/click-histories.js';

/** `messages` rows are [arrival, kind, row, event time, sent again]; `hist` is [row, target then source, 10], 0 beyond. */
const fixture = JSON.parse(readFileSync(new URL('../../../fixtures/synth_small.json', import.meta.url), 'utf8')) as {
  config: { users: number; topics: number; histLen: number };
  rows: Record<'user' | 'dom' | 'item' | 'topic' | 'y', number[]>;
  ts: number[];
  hist: { data: number[] };
  messages: [number, 'impression' | 'click', number, number, 0 | 1][];
};
const { config, rows, hist } = fixture;

/** topics by item, 1-based as the fixture's ids are */
function topicsOf(domain: number): Uint16Array {
  const topics = new Uint16Array(1 + Math.max(...rows.item));
  rows.item.forEach((item, i) => {
    if (rows.dom[i] === domain) topics[item] = rows.topic[i]!;
  });
  return topics;
}

test('history snapshots of the small synthetic stream', () => {
  const topicOf = [topicsOf(0), topicsOf(1)] as const;
  const histories = new ClickHistories(config.users + 1, config.histLen, config.topics + 1, topicOf);
  const got = new Int32Array(hist.data.length);
  for (let i = 0; i < rows.user.length; i++) {
    const user = rows.user[i]!;
    histories.copy(user, 1, got, i * 2 * config.histLen);
    histories.copy(user, 0, got, (i * 2 + 1) * config.histLen);
    if (rows.y[i] === 1) histories.push(user, rows.dom[i] as 0 | 1, rows.item[i]!);
  }
  expect([...got].map((item) => Math.max(0, item))).toEqual(hist.data);
});

test('its messages, once each and joined, tell its labels', () => {
  const seen = new Set<string>();
  const labels = new Map<number, number>();
  for (const [, kind, row, eventTimeMs, again] of fixture.messages) {
    const id = `${kind}/${row}`;
    expect(seen.has(id)).toBe(again === 1);
    seen.add(id);
    if (kind === 'click') labels.set(row, 1);
    else {
      expect(eventTimeMs).toBe(fixture.ts[row]);
      if (!labels.has(row)) labels.set(row, 0);
    }
  }
  expect(rows.y.map((_, row) => labels.get(row))).toEqual(rows.y);
});
