import { describe, expect, it } from 'vitest';
import { guessDomain, guessEventId, guessId, guessKind } from '../../../../src/inspection/proposal/guess-ids.js';
import { profiles } from './sample.js';

describe('ids by name', () => {
  it.each([
    [{ userId: ['a'], itemId: ['b'] }, 'userId', 'itemId'],
    [{ adv_id: ['b'], user_id: ['a'] }, 'user_id', 'adv_id'],
    [{ u_userId: ['a'], i_docId: ['b'] }, 'u_userId', 'i_docId'],
    [{ reviewerID: ['a'], asin: ['b'] }, 'reviewerID', 'asin'],
    [{ UID: ['a'], movieId: ['b'] }, 'UID', 'movieId'],
    [{ hashed_user_id: ['a'], promoted_ad_id: ['b'] }, 'hashed_user_id', 'promoted_ad_id'],
  ])('%o', (columns, user, item) => {
    expect(guessId('userId', profiles(columns))?.value).toBe(user);
    expect(guessId('itemId', profiles(columns))?.value).toBe(item);
  });

  it('an empty column is not taken', () => {
    expect(guessId('userId', profiles({ userId: [null, null], uid: ['a', 'b'] }))?.value).toBe('uid');
  });
});

it('an event id must be there and nearly unique: a message may come twice', () => {
  const ids = Array.from({ length: 100 }, (_, i) => `e${i}`);
  expect(guessEventId(profiles({ eventId: ids.with(1, 'e0') }))?.value).toBe('eventId');
  expect(guessEventId(profiles({ eventId: ids.map((_, i) => `e${i % 50}`) }))).toBeNull();
  expect(guessEventId(profiles({ eventId: ids.map((id, i) => (i === 0 ? null : id)) }))).toBeNull();
});

it('a column of impressions and clicks tells them apart', () => {
  const columns = profiles({ os: ['a', 'b', 'a'], type: ['view', 'click', 'view'] });
  expect(guessKind(columns)?.value).toEqual({ column: 'type', impression: ['view'], click: ['click'] });
  expect(guessKind(profiles({ type: ['view', 'view'] }))).toBeNull();
});

it('a column of both domains tells them apart', () => {
  const columns = profiles({ user: ['1', '2'], section: ['ads', 'news'] });
  expect(guessDomain(columns)?.value).toEqual({ column: 'section', target: ['ads'], source: ['news'] });
  expect(guessDomain(profiles({ section: ['sports', 'politics'] }))).toBeNull();
});
