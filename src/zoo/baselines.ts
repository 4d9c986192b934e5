import type { ZooKind } from '../core/index.js';
import { collaborativeCross } from './collaborative-cross.js';
import type { CrossDomainModel } from './cross-domain.js';
import { crossStitch } from './cross-stitch.js';
import { deepInterest } from './deep-interest.js';
import { factorizationMachine } from './factorization-machine.js';
import { logisticRegression } from './first-order.js';
import { mixedInterest } from './mixed-interest.js';
import { multiView } from './multi-view.js';
import { neuralFactorizationMachine } from './neural-factorization-machine.js';
import type { ZooOptions } from './options.js';
import type { SingleDomainModel } from './single-domain.js';
import { mlpPlusPlus } from './towers.js';
import { wideDeep } from './wide-deep.js';
import { xDeepFm } from './xdeepfm.js';

/** A baseline before it is bound to what its inputs come from. */
export type Baseline =
  | { readonly form: 'single-domain'; readonly model: SingleDomainModel }
  | { readonly form: 'cross-domain'; readonly model: CrossDomainModel };

const BASELINES: Readonly<Record<ZooKind, (options: ZooOptions) => Baseline>> = {
  lr: () => single(logisticRegression()),
  fm: () => single(factorizationMachine()),
  'wide-deep': ({ hidden }) => single(wideDeep(hidden)),
  nfm: ({ hidden }) => single(neuralFactorizationMachine(hidden)),
  xdeepfm: ({ hidden, xdeepfm }) => single(xDeepFm(hidden, xdeepfm)),
  din: ({ hidden, din }) => single(deepInterest(hidden, din)),
  'mlp++': ({ hidden }) => cross(mlpPlusPlus(hidden)),
  csn: ({ hidden, csn }) => cross(crossStitch(hidden, csn)),
  conet: ({ hidden, conet }) => cross(collaborativeCross(hidden, conet)),
  minet: ({ hidden, minet }) => cross(mixedInterest(hidden, minet)),
  'mv-dnn': ({ hidden }) => cross(multiView(hidden)),
};

export function baseline(options: ZooOptions): Baseline {
  return BASELINES[options.kind](options);
}

function single(model: SingleDomainModel): Baseline {
  return { form: 'single-domain', model };
}

function cross(model: CrossDomainModel): Baseline {
  return { form: 'cross-domain', model };
}
