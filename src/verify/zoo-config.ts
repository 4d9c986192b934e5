import { type ZooKind, type ZooOptions, zooOptions } from '../zoo/index.js';

/** `config` of a `model_*.json`; keys that a model does not have are absent. */
export interface ZooConfig {
  readonly model: string;
  readonly d: number;
  readonly hidden?: readonly number[];
  readonly cin?: readonly number[];
  readonly cinAct?: string;
  readonly cinSplit?: boolean;
  readonly attHidden?: readonly number[];
  readonly softmax?: boolean;
  readonly itemField?: number;
  readonly crossLayers?: number;
  readonly l1?: number;
  readonly rank?: number;
  readonly gammaAux?: number;
}

/** How fixtures may spell a model, in small letters and digits; a variant may follow, as in `din_softmax`. */
const SPELLINGS: readonly (readonly [RegExp, ZooKind])[] = [
  [/^(lr|logistic)/, 'lr'],
  [/^fm/, 'fm'],
  [/^(wide|wdl|wd)/, 'wide-deep'],
  [/^nfm/, 'nfm'],
  [/^xdeepfm/, 'xdeepfm'],
  [/^din/, 'din'],
  [/^mlp/, 'mlp++'],
  [/^(csn|crossstitch)/, 'csn'],
  [/^(s|sparse)?conet/, 'conet'],
  [/^minet/, 'minet'],
  [/^mvdnn/, 'mv-dnn'],
];

/** Null for a model that the zoo does not have. */
export function kindOf(model: string): ZooKind | null {
  const letters = model.toLowerCase().replace(/[^a-z0-9]/g, '');
  return SPELLINGS.find(([pattern]) => pattern.test(letters))?.[1] ?? null;
}

/** `stitches`: pairs of cross-stitch weights that the fixture has. */
export function fixtureOptions(kind: ZooKind, config: ZooConfig, stitches: number): ZooOptions {
  const hidden = config.hidden ?? [];
  return {
    ...zooOptions(kind, config.d, hidden),
    xdeepfm: {
      maps: config.cin ?? [],
      activation: config.cinAct === 'relu' ? 'relu' : 'linear',
      split: config.cinSplit ?? false,
    },
    din: { attentionHidden: config.attHidden ?? [], softmax: config.softmax ?? false },
    csn: { beforeOutput: stitches > hidden.length },
    conet: { crossLayers: config.crossLayers ?? hidden.length, lasso: config.l1 ?? 0 },
    minet: { rank: config.rank ?? 0, sourceWeight: config.gammaAux ?? 1 },
  };
}
