/** The baselines of the paper's tables, in their order. */
export const ZOO_KINDS = [
  'lr',
  'fm',
  'wide-deep',
  'nfm',
  'xdeepfm',
  'din',
  'mlp++',
  'csn',
  'conet',
  'minet',
  'mv-dnn',
] as const;
export type ZooKind = (typeof ZOO_KINDS)[number];
