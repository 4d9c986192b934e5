import { describe, expect, test } from 'vitest';
import type { ClickEvent } from '../../../../src/core/index.js';
import {
  createSyntheticSource,
  type MessageKnobs,
  rowOfImpression,
  type SyntheticOptions,
} from '../../../../src/sources/synthetic/index.js';

const EVENTS = 4000;
const options = (messages: MessageKnobs | null): SyntheticOptions => ({
  preset: 'test',
  seed: 9,
  events: EVENTS,
  users: 200,
  itemsT: 30,
  itemsS: 40,
  messages,
});
const make = (messages: MessageKnobs | null) => createSyntheticSource(options(messages));
const MESSAGES: MessageKnobs = {
  clickDelayMeanMs: 600_000,
  jitterMs: 30_000,
  lateShare: 0.01,
  lateMs: 600_000,
  duplicateShare: 0.01,
};

async function readAll(partition: number, chunk: number, messages: MessageKnobs | null, from = 0n) {
  const source = make(messages);
  await source.open(source.partitions.map(() => from));
  const events: ClickEvent[] = [];
  for (let last = false; !last; ) {
    const got = await source.read(partition, chunk);
    expect(got.partition).toBe(partition);
    expect(got.first).toBe(from + BigInt(events.length));
    expect(got.records.length).toBeLessThanOrEqual(chunk);
    for (const record of got.records) {
      if (!record.ok) throw new Error(record.bad.reason);
      events.push(record.value);
    }
    last = got.last;
  }
  await source.close();
  return events;
}

describe.each([
  ['labelled impressions', null],
  ['messages', MESSAGES],
] as const)('%s', (_, messages) => {
  test('chunk sizes do not matter, and a resumed partition yields the tail', async () => {
    for (const partition of [0, 1]) {
      const whole = await readAll(partition, 4096, messages);
      expect(await readAll(partition, 7, messages)).toEqual(whole);
      for (const from of [1, 333, whole.length]) {
        expect(await readAll(partition, 100, messages, BigInt(from))).toEqual(whole.slice(from));
      }
    }
  });
});

test('labelled impressions are the truth, row by row', async () => {
  const source = make(null);
  const truth = source.truth();
  const both = [await readAll(0, 512, null), await readAll(1, 512, null)];
  expect(both.map((events) => events.length)).toEqual(source.partitions.map((p) => p.expectedRecords));
  const byRow = both.flat().sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  expect(byRow.map((e) => rowOfImpression(e.impressionId))).toEqual(Array.from({ length: EVENTS }, (_, i) => i));
  for (const [row, e] of byRow.entries()) {
    expect(e.clicked).toBe(truth.clicked[row] === 1);
    expect(e.domain).toBe(truth.domain[row] === 1 ? 'target' : 'source');
    expect(e.eventTimeMs).toBe(truth.eventTimeMs[row]);
    expect(e.userId).toBe(`u${truth.user[row]}`);
    expect(e.itemId.replace(/^\D+/, '')).toBe(String(truth.item[row]));
  }
});

test('one item has one topic, one user one profile', async () => {
  const features = new Map<string, string>();
  for (const partition of [0, 1]) {
    for (const e of await readAll(partition, 512, null)) {
      for (const [id, list] of [
        [e.userId, e.userFeatures],
        [e.itemId, e.itemFeatures],
      ] as const) {
        const text = JSON.stringify(list);
        expect(features.get(id) ?? text).toBe(text);
        features.set(id, text);
      }
    }
  }
});

/*
 *   event time   i0 -- i1 ------ c0 ------- i2
 *   arrival          i0   i1 i1'   c0    i2          i1' is sent twice
 */
test('messages, once each and joined, tell the same labels as the labelled stream', async () => {
  for (const partition of [0, 1]) {
    const labelled = await readAll(partition, 512, null);
    const messages = await readAll(partition, 512, { ...MESSAGES, duplicateShare: 0.1, lateShare: 0.1 });
    const impressions = new Map<string, ClickEvent>();
    const clicks = new Map<string, ClickEvent>();
    for (const m of messages) {
      expect(m.clicked === null || m.kind === 'click').toBe(true);
      const seen = m.kind === 'impression' ? impressions : clicks;
      const before = seen.get(m.eventId);
      if (before !== undefined) expect(before).toEqual(m);
      seen.set(m.eventId, m);
    }
    expect(messages.length).toBeGreaterThan(impressions.size + clicks.size);
    const clicked = new Set([...clicks.values()].map((c) => c.impressionId));
    const joined = [...impressions.values()]
      .sort((a, b) => a.eventTimeMs - b.eventTimeMs)
      .map((i) => ({ ...i, clicked: clicked.has(i.impressionId) }));
    expect(joined).toEqual(labelled);
    for (const c of clicks.values()) {
      expect(c.eventTimeMs).toBeGreaterThanOrEqual(impressions.get(c.impressionId)!.eventTimeMs);
    }
  }
});

test('disorder, lateness and repetition change the order of the messages and nothing else', async () => {
  const still = { ...MESSAGES, jitterMs: 0, lateShare: 0, duplicateShare: 0 };
  const events = await readAll(1, 512, still);
  const times = events.map((e) => e.eventTimeMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const byId = (all: ClickEvent[]) => new Map(all.map((e) => [e.eventId, e]));
  const disturbed = await readAll(1, 512, { ...MESSAGES, lateShare: 0.2, duplicateShare: 0.2 });
  expect(disturbed.map((e) => e.eventId)).not.toEqual(events.map((e) => e.eventId));
  expect([...byId(disturbed)].sort()).toEqual([...byId(events)].sort());
});

test('disorder is bounded by jitter plus lateness', async () => {
  const knobs = { ...MESSAGES, lateShare: 0.2, duplicateShare: 0 };
  let newest = 0;
  let worst = 0;
  for (const e of await readAll(1, 512, knobs)) {
    newest = Math.max(newest, e.eventTimeMs);
    worst = Math.max(worst, newest - e.eventTimeMs);
  }
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThanOrEqual(knobs.jitterMs + knobs.lateMs);
});

test('a window of W loses the share e^(-W / mean) of the clicks', async () => {
  const events = await readAll(1, 512, { ...MESSAGES, clickDelayMeanMs: 600_000, duplicateShare: 0 });
  const shown = new Map(events.filter((e) => e.kind === 'impression').map((e) => [e.impressionId, e.eventTimeMs]));
  const delays = events.filter((e) => e.kind === 'click').map((e) => e.eventTimeMs - shown.get(e.impressionId)!);
  const lost = delays.filter((d) => d > 600_000).length / delays.length;
  const deviation = Math.sqrt((Math.exp(-1) * (1 - Math.exp(-1))) / delays.length);
  expect(Math.abs(lost - Math.exp(-1))).toBeLessThan(4 * deviation);
});

test('a configured drift replaces the preset and must make sense', () => {
  const drifting = createSyntheticSource({ ...options(null), drift: { kind: 'sudden', at: 0.5, share: 0.5 } });
  expect(drifting.truth().newConcept.includes(1)).toBe(true);
  const steady = createSyntheticSource({ ...options(null), preset: 'claim4', drift: null });
  expect(steady.truth().newConcept.includes(1)).toBe(false);
  const backwards = { kind: 'gradual', at: 0.5, until: 0.4, share: 0.5 } as const;
  expect(() => createSyntheticSource({ ...options(null), drift: backwards })).toThrow(/drift.until must be after/);
});
