import type { DeviceParameters } from '../model/device-parameters.js';
import { add, product } from '../model/layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import type { CrossDomainModel } from './cross-domain.js';
import { addBias } from './layers.js';
import { layer } from './mlp.js';
import { matrix } from './parameter-matrix.js';
import { TOWER_BIASES, type TowerName, towerMatrices, twoTowers } from './towers.js';

export interface CollaborativeCrossOptions {
  /** First hidden layers that have a cross unit. */
  readonly crossLayers: number;
  /** lambda of lambda sum |H| against a mean loss; 0 is dense CoNet. */
  readonly lasso: number;
}

/** CoNet (Hu et al. 2018): a_t <- ReLU(W_t a_t + b_t + H a_s) and a_s <- ReLU(W_s a_s + b_s + H a_t), the same H. */
export function collaborativeCross(
  hidden: readonly number[],
  { crossLayers, lasso }: CollaborativeCrossOptions,
): CrossDomainModel {
  const keys = hidden.slice(0, crossLayers).map((_, i) => `H.${i}`);
  return {
    matrices: (width) => [
      ...towerMatrices(width, hidden),
      ...keys.map((key, i) => matrix(key, [hidden[i]!, i === 0 ? 2 * width : hidden[i - 1]!])),
    ],
    outputBiases: TOWER_BIASES,
    sourceWeight: 1,
    start: {},
    lasso: lasso > 0 ? { keys, strength: lasso } : null,
    logits: (tape, parameters, x) =>
      twoTowers(tape, parameters, x, hidden.length, (i, { t, s }) =>
        i < keys.length
          ? { t: crossed(tape, parameters, 't', i, t, s), s: crossed(tape, parameters, 's', i, s, t) }
          : {
              t: layer(tape, parameters, `t.${i}`, t, 'relu'),
              s: layer(tape, parameters, `s.${i}`, s, 'relu'),
            },
      ),
  };
}

/** ReLU(W own + b + H other): [B,hidden[i]]. */
function crossed<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  tower: TowerName,
  i: number,
  own: TapeNode<T>,
  other: TapeNode<T>,
): TapeNode<T> {
  const mine = product(tape, own, parameters.get(`${tower}.${i}.W`));
  const theirs = product(tape, other, parameters.get(`H.${i}`));
  return addBias(tape, add(tape, mine, theirs), parameters.get(`${tower}.${i}.b`), true);
}
