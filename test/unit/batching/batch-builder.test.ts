import { expect, it } from 'vitest';
import { buildBatch } from '../../../src/batching/index.js';
import { item, sample } from '../sample.js';

it('packs rows, every distinct item once, histories by reference to it', () => {
  const a = item(1, 11, 12);
  const b = item(0, 21);
  const c = item(0, 31, 32, 33);
  const batch = buildBatch([
    sample(0, { item: a, domain: 1, label: 1, historySource: [b, c, b], userFeatureIds: [1, 2] }),
    sample(1, { item: b, domain: 0, label: 0, historyTarget: [a], userFeatureIds: [3], offset: 0.5 }),
  ]);
  expect(batch).toMatchObject({ size: 2, denseWidth: 0 });
  expect([...batch.domain]).toEqual([1, 0]);
  expect([...batch.label]).toEqual([1, 0]);
  expect([...batch.offset]).toEqual([0, 0.5]);
  expect([...batch.userSplits]).toEqual([0, 2, 3]);
  expect([...batch.userIds]).toEqual([1, 2, 3]);
  expect([...batch.itemSplits]).toEqual([0, 2, 3, 6]);
  expect([...batch.itemIds]).toEqual([11, 12, 21, 31, 32, 33]);
  expect([...batch.candidate]).toEqual([0, 1]);
  expect([...batch.histS.splits]).toEqual([0, 3, 3]);
  expect([...batch.histS.items]).toEqual([1, 2, 1]);
  expect([...batch.histT.splits]).toEqual([0, 0, 1]);
  expect([...batch.histT.items]).toEqual([0]);
});
