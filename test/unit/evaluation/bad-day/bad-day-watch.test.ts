import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../../../src/checkpoint/index.js';
import { type BadDayCard, BadDayWatch } from '../../../../src/evaluation/index.js';
import { impression } from '../../pipelines/small-fold.js';
import { sample } from '../../sample.js';
import { type Plan, placeOf, play } from './planted.js';

const ONSET = 12_000;
const ROWS = 20_000;

function onlyCard(plan: Plan): BadDayCard {
  const { target, source } = play(plan).cards;
  expect(source).toEqual([]);
  expect(target).toHaveLength(1);
  return target[0]!;
}

/** Rows between the planted onset and the one that the card names. */
function missedBy(card: BadDayCard): number {
  const { partition, offset } = card.first;
  const turn = ['ads/0', 'ads/1', 'ads/2'].indexOf(partition);
  return Math.abs(Number(offset) * 3 + turn - ONSET);
}

describe('names what was planted', () => {
  it.each([1, 2, 3])('a feature value whose labels flip, seed %i', (seed) => {
    const card = onlyCard({ seed, rows: ROWS, flips: ({ i, category }) => i >= ONSET && category === 'travel' });
    expect(card.slices[0]).toMatchObject({ dimension: 'item.category', value: 'travel' });
    expect(card.aucAfter).toBeLessThan(card.aucBefore);
    expect(card.slices[0]!.errorAfter!).toBeGreaterThan(card.slices[0]!.errorBefore! + 0.1);
    expect(missedBy(card)).toBeLessThan(200);
    expect(card.row).toBeLessThan(ONSET + 2000);
  });

  it('a partition whose scores stop fitting', () => {
    const plan: Plan = { seed: 4, rows: ROWS, flips: ({ i, partition }) => i >= ONSET && partition === 'ads/1' };
    const card = onlyCard(plan);
    expect(card.slices[0]).toMatchObject({ dimension: 'partition', value: 'ads/1' });
    expect(card.first.partition).toBe('ads/1');
    expect(missedBy(card)).toBeLessThan(200);
  });

  it('a schema version that comes with a broken feature, to the very record', () => {
    const isNew = ({ i, partition }: { i: number; partition: string }) => i >= ONSET && partition !== 'ads/0';
    const card = onlyCard({
      seed: 5,
      rows: ROWS,
      schemaId: (row) => (isNew(row) ? 2 : 1),
      sees: (row) => (isNew(row) ? 'unknown' : row.category),
    });
    expect(card.slices.map(({ dimension, value }) => `${dimension}=${value}`)).toContain('schema version=2');
    expect(card.slices[0]!.shareBefore).toBeLessThan(0.1);
    const { partition, offset } = placeOf(ONSET + 1);
    expect(card.first).toMatchObject({ partition, offset: String(offset) });
  });

  it('a feature that has changed its name', () => {
    const isNew = ({ i, partition }: { i: number; partition: string }) => i >= ONSET && partition === 'ads/2';
    const card = onlyCard({
      seed: 6,
      rows: ROWS,
      featureName: (row) => (isNew(row) ? 'Category' : 'category'),
      flips: isNew,
    });
    expect(['features', 'partition']).toContain(card.slices[0]!.dimension);
    expect(card.slices.map(({ value }) => value)).toContain('user.age item.Category');
    expect(card.first.partition).toBe('ads/2');
  });

  it.each([7, 8, 9])('a feature that is stuck at one value, seed %i', (seed) => {
    const card = onlyCard({ seed, rows: ROWS, sees: ({ i, category }) => (i >= ONSET ? 'culture' : category) });
    expect(card.slices[0]).toMatchObject({ dimension: 'item.category', value: 'culture' });
    expect(card.slices[0]!.shareAfter).toBeGreaterThan(2 * card.slices[0]!.shareBefore);
    expect(missedBy(card)).toBeLessThan(50);
  });

  it('users with long histories, in the source domain', () => {
    const flips = ({ i, history }: { i: number; history: number }) => i >= ONSET && history >= 30;
    const { target, source } = play({ seed: 10, rows: ROWS, domain: 'source', flips }).cards;
    expect(target).toEqual([]);
    expect(source[0]!.slices[0]).toMatchObject({ dimension: 'history length', value: '30 clicks or more' });
  });

  it('nobody where everything got worse alike, but from which record on', () => {
    const card = onlyCard({ seed: 11, rows: ROWS, flips: ({ i }) => i >= ONSET });
    expect(card.slices).toEqual([]);
    expect(missedBy(card)).toBeLessThan(200);
  });
});

it('says nothing in 20 quiet streams', () => {
  for (let seed = 100; seed < 120; seed++) expect(play({ seed, rows: 9000 }).cards.target).toEqual([]);
});

it('says the same after a restart in the middle of the fall', () => {
  const plan: Plan = { seed: 1, rows: ROWS, flips: ({ i, category }) => i >= ONSET && category === 'travel' };
  const before = play({ ...plan, rows: ONSET + 500 });
  const resumed = new BadDayWatch();
  resumed.restore(decodeState(encodeState(before.snapshot())));
  const whole = play(plan);
  expect(play(plan, resumed, ONSET + 500).cards).toEqual(whole.cards);
  expect(resumed.snapshot()).toEqual(whole.snapshot());
});

it('forgets impressions without a label, and a label whose impression it has not seen', () => {
  const watch = new BadDayWatch();
  const empty = watch.snapshot();
  const event = impression({ eventId: 'e', itemFeatures: [{ name: 'category', values: ['a', 'a', 'b'] }] });
  watch.shown(event, sample(1), 'ads/0', 0n);
  watch.forget(sample(1));
  watch.forget(sample(1));
  watch.judged(sample(2, { logit: 0, label: 0 }));
  expect((watch.snapshot() as { waiting: unknown }).waiting).toEqual((empty as { waiting: unknown }).waiting);
  expect(watch.cards).toEqual({ target: [], source: [] });
});
