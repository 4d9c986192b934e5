import { expect, it } from 'vitest';
import { KeptHistories } from '../../../src/client/index.js';

const click = (id: string, eventTimeMs: number, domain: 'target' | 'source' = 'source') => ({
  domain,
  userId: 'u',
  item: { id },
  eventTimeMs,
});
const ids = (items: readonly { id: string }[] | undefined) => items?.map(({ id }) => id);

it('keeps the newest clicks of each domain in the order of event time, whatever the order they come in', () => {
  const histories = new KeptHistories({ length: 3, maxAgeMs: null, maxUsers: 10 });
  for (const one of [click('b', 2), click('d', 4), click('a', 1), click('c', 3), click('t', 9, 'target')]) {
    histories.add(one);
  }
  expect(ids(histories.of('u', 100).source)).toEqual(['b', 'c', 'd']);
  expect(ids(histories.of('u', 100).target)).toEqual(['t']);
  expect(histories.of('nobody', 100)).toEqual({});
});

it('shows what was clicked before, and not too long before', () => {
  const histories = new KeptHistories({ length: 10, maxAgeMs: 5, maxUsers: 10 });
  for (const timeMs of [1, 4, 9, 10]) histories.add(click(`t${timeMs}`, timeMs));
  expect(ids(histories.of('u', 9).source)).toEqual(['t4']);
  expect(ids(histories.of('u', 10).source)).toEqual(['t9']);
});

it('forgets the users seen longest ago', () => {
  const histories = new KeptHistories({ length: 2, maxAgeMs: null, maxUsers: 4 });
  for (let k = 0; k < 20; k++) histories.add({ ...click('i', k), userId: `u${k}` });
  expect(histories.of('u0', 100)).toEqual({});
  expect(ids(histories.of('u19', 100).source)).toEqual(['i']);
});
