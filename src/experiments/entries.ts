import { ZOO_KINDS } from '../zoo/index.js';

/** Somebody in a comparison: what it changes, and what it is compared with. */
export interface Entry {
  readonly name: string;
  readonly kind: 'model' | 'part';
  readonly overrides: readonly string[];
  readonly linearOnly?: boolean;
  readonly targetOnly?: boolean;
  /** The entry that it lacks a part of. */
  readonly of?: string;
}

const DADIN: Entry = { name: 'dadin', kind: 'model', overrides: ['model.preset=small'] };
const WITHOUT_SOURCE: Entry = {
  name: 'dadin without source',
  kind: 'part',
  overrides: ['model.preset=small'],
  targetOnly: true,
  of: 'dadin',
};

/** The paper's twelve models bare, then the product's recipe, and what is left of both when a part is taken away. */
export const LEADERBOARD: readonly Entry[] = [
  DADIN,
  ...ZOO_KINDS.map(
    (kind): Entry => ({ name: kind, kind: 'model', overrides: ['model.preset=small', `model.kind=${kind}`] }),
  ),
  WITHOUT_SOURCE,
  {
    name: 'dadin without adversary',
    kind: 'part',
    overrides: ['model.preset=small', 'model.adversary.mode=off'],
    of: 'dadin',
  },
  { name: 'recipe', kind: 'part', overrides: [] },
  { name: 'recipe without statistics', kind: 'part', overrides: ['model.statistics=false'], of: 'recipe' },
  { name: 'recipe without linear part', kind: 'part', overrides: ['model.linear=false'], of: 'recipe' },
  { name: 'recipe without adversary', kind: 'part', overrides: ['model.adversary.mode=off'], of: 'recipe' },
  { name: 'recipe without DADIN', kind: 'part', overrides: [], linearOnly: true, of: 'recipe' },
];

/** Table 3 of the paper: its twelve models, and DADIN with the adversary as printed, which the default governs. */
export const OFFLINE: readonly Entry[] = [
  ...LEADERBOARD.filter(({ kind }) => kind === 'model'),
  {
    name: 'dadin as printed',
    kind: 'model',
    overrides: [
      'model.preset=small',
      'model.adversary.mode=literal',
      'model.threshold={mode: fixed, value: 0.5}',
      'model.dropout=0.2',
    ],
  },
];

const ABLATED = [
  'mean pooling',
  'equal interest weights',
  'no bi-interaction',
  'no DNN',
  'neither',
  'no domain-agnostic layer',
  'no global loss',
  'no intra-class losses',
  'no adversary',
];

/** Table 4 of the paper: DADIN and its nine ablations. */
export const ABLATIONS: readonly Entry[] = [
  DADIN,
  ...ABLATED.map(
    (what, i): Entry => ({
      name: `${i + 1} ${what}`,
      kind: 'part',
      overrides: ['model.preset=small', `model.ablation=${i + 1}`],
      of: 'dadin',
    }),
  ),
];

/** DADIN beside a twin that has never heard of the source domain. */
export const TRANSFER: readonly Entry[] = [DADIN, WITHOUT_SOURCE];
