/** What the linear part and its crosses are made of, in the order in which a row's features stand. `user` and `item` are the ids alone. */
export const LINEAR_GROUPS = [
  'domain',
  'user',
  'userFeatures',
  'item',
  'itemFeatures',
  'historyTarget',
  'historySource',
  'counters',
  'matches',
] as const;

export type LinearGroup = (typeof LINEAR_GROUPS)[number];
