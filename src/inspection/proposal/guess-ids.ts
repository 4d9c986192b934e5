import { type ColumnProfile, examplesOf } from './column-profile.js';
import type { Guess } from './guess.js';

/** Plain names, likeliest first; then what a name may contain. */
const NAMES = {
  userId: {
    exact: [
      'userid',
      'uid',
      'user',
      'uuserid',
      'reviewerid',
      'visitorid',
      'customerid',
      'memberid',
      'clientid',
      'profileid',
      'cookieid',
      'deviceid',
    ],
    part: /user_?id|userid|visitor|customer|reviewer/i,
  },
  itemId: {
    exact: [
      'itemid',
      'item',
      'iid',
      'adid',
      'advid',
      'adgroupid',
      'creativeid',
      'articleid',
      'article',
      'newsid',
      'docid',
      'idocid',
      'videoid',
      'movieid',
      'filmid',
      'productid',
      'asin',
      'sku',
      'contentid',
      'postid',
      'trackid',
      'songid',
      'bookid',
      'businessid',
    ],
    part: /(item|article|news|doc|video|movie|product|content|ad)_?id$/i,
  },
  eventId: { exact: ['eventid', 'logid', 'id', 'messageid', 'recordid', 'rowid', 'uuid'], part: null },
  impressionId: { exact: ['impressionid', 'impid', 'impression', 'requestid', 'viewid', 'showid'], part: null },
} as const;

/** An id that comes twice is not one of events, but a message may have been sent twice. */
const UNIQUE_SHARE = 0.95;

export function guessId(kind: 'userId' | 'itemId', columns: readonly ColumnProfile[]): Guess<string> | null {
  const { exact, part } = NAMES[kind];
  const column = byName(exact, columns) ?? columns.find(({ name, filled }) => filled > 0 && part.test(name));
  return column === undefined ? null : { value: column.name, why: describeIds(column) };
}

/** An id whose values are unique, or nearly. */
export function guessEventId(columns: readonly ColumnProfile[]): Guess<string> | null {
  const column = byName(NAMES.eventId.exact, columns);
  if (
    column === undefined ||
    column.distinct.size < UNIQUE_SHARE * column.filled ||
    column.filled < column.values.length
  )
    return null;
  return { value: column.name, why: `${describeIds(column)}; repeats are dropped` };
}

export function guessImpressionId(columns: readonly ColumnProfile[]): Guess<string> | null {
  const column = byName(NAMES.impressionId.exact, columns);
  return column === undefined ? null : { value: column.name, why: 'joins a click to its impression' };
}

export interface KindColumn {
  readonly column: string;
  readonly impression: readonly string[];
  readonly click: readonly string[];
}

const IMPRESSION_WORDS = ['impression', 'impressions', 'imp', 'view', 'show', 'exposure', 'display'];
const CLICK_WORDS = ['click', 'clicks', 'clk', 'clicked'];

/** A column that tells impressions from clicks. */
export function guessKind(columns: readonly ColumnProfile[]): Guess<KindColumn> | null {
  for (const column of columns) {
    const values = [...column.distinct];
    if (values.length > 8) continue;
    const impression = values.filter((value) => IMPRESSION_WORDS.includes(value.toLowerCase()));
    const click = values.filter((value) => CLICK_WORDS.includes(value.toLowerCase()));
    if (impression.length > 0 && click.length > 0) {
      return { value: { column: column.name, impression, click }, why: `holds ${examplesOf(column)}` };
    }
  }
  return null;
}

export const TARGET_WORDS = ['target', 'ads', 'ad', 'adv', 'advertising', 'advertisement', 'advertisements'];
export const SOURCE_WORDS = ['source', 'news', 'feeds', 'feed', 'articles', 'content'];

export interface DomainColumn {
  readonly column: string;
  readonly target: readonly string[];
  readonly source: readonly string[];
}

/** A column that tells the domains of one log apart. */
export function guessDomain(columns: readonly ColumnProfile[]): Guess<DomainColumn> | null {
  for (const column of columns) {
    const values = [...column.distinct];
    if (values.length < 2 || values.length > 8) continue;
    const target = values.filter((value) => TARGET_WORDS.includes(value.toLowerCase()));
    const source = values.filter((value) => SOURCE_WORDS.includes(value.toLowerCase()));
    if (target.length > 0 && source.length > 0) {
      return { value: { column: column.name, target, source }, why: `holds ${examplesOf(column)}` };
    }
  }
  return null;
}

function byName(names: readonly string[], columns: readonly ColumnProfile[]): ColumnProfile | undefined {
  for (const name of names) {
    const found = columns.find(({ plainName, filled }) => plainName === name && filled > 0);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describeIds(column: ColumnProfile): string {
  return `${column.distinct.size} different in ${column.values.length} sampled rows: ${examplesOf(column)}`;
}
