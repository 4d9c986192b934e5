import type { DeviceParameters } from '../model/device-parameters.js';
import { concat } from '../model/layers.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';
import type { CrossDomainModel, DomainLogits, PairInput } from './cross-domain.js';
import { layer, mlpMatrices } from './mlp.js';
import { matrix } from './parameter-matrix.js';

export type TowerName = 't' | 's';

/** What both towers hold between two layers: [B,units] each. */
export interface TowerState<T> {
  readonly t: TapeNode<T>;
  readonly s: TapeNode<T>;
}

/** Hidden layers `t.i` and `s.i` on [u | i_D], then `t.out` and `s.out`. */
export function towerMatrices(width: number, hidden: readonly number[]): ParameterMatrix[] {
  return (['t', 's'] as const).flatMap((tower) => [
    ...mlpMatrices(tower, 2 * width, hidden, hidden.length),
    matrix(`${tower}.out.W`, [1, hidden.at(-1) ?? 2 * width]),
    matrix(`${tower}.out.b`, [1], 'zero'),
  ]);
}

export const TOWER_BIASES = ['t.out.b', 's.out.b'] as const;

/**
 * Runs both towers side by side; `step` computes hidden layer i of both from what they hold, `last` what their outputs
 * read.
 */
export function twoTowers<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  { user, itemT, itemS }: PairInput<T>,
  layers: number,
  step: (i: number, state: TowerState<T>) => TowerState<T>,
  last: (state: TowerState<T>) => TowerState<T> = (state) => state,
): DomainLogits<T> {
  let state: TowerState<T> = { t: concat(tape, [user, itemT]), s: concat(tape, [user, itemS]) }; // [B,2d]
  for (let i = 0; i < layers; i++) state = step(i, state); // [B,hidden[i]]
  const { t, s } = last(state);
  return {
    target: layer(tape, parameters, 't.out', t, 'none'), // [B,1]
    source: layer(tape, parameters, 's.out', s, 'none'), // [B,1]
  };
}

/** MLP++ (Hu et al. 2018): two MLPs that share nothing but the user's embedding. */
export function mlpPlusPlus(hidden: readonly number[]): CrossDomainModel {
  return {
    matrices: (width) => towerMatrices(width, hidden),
    outputBiases: TOWER_BIASES,
    sourceWeight: 1,
    start: {},
    lasso: null,
    logits: (tape, parameters, x) =>
      twoTowers(tape, parameters, x, hidden.length, (i, { t, s }) => ({
        t: layer(tape, parameters, `t.${i}`, t, 'relu'),
        s: layer(tape, parameters, `s.${i}`, s, 'relu'),
      })),
  };
}
