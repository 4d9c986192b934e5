import type { DeviceParameters } from '../model/device-parameters.js';
import { add } from '../model/layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import type { CrossDomainModel, PairInput } from './cross-domain.js';
import { scaleBy, slice } from './layers.js';
import { layer } from './mlp.js';
import { matrix } from './parameter-matrix.js';
import { TOWER_BIASES, type TowerState, towerMatrices, twoTowers } from './towers.js';

/** Start of (alpha_S, alpha_D): most of the own task. */
const START = [0.9, 0.1] as const;

export interface CrossStitchOptions {
  /** The output layers read a stitch too. */
  readonly beforeOutput: boolean;
}

/**
 * Cross-stitch network (Misra et al. 2016) in CoNet's notation: before every hidden layer each tower reads
 * alpha_S a_own + alpha_D a_other, one pair `stitch.i` = (alpha_S, alpha_D) a layer for both towers.
 */
export function crossStitch(hidden: readonly number[], { beforeOutput }: CrossStitchOptions): CrossDomainModel {
  const keys = Array.from({ length: hidden.length + (beforeOutput ? 1 : 0) }, (_, i) => `stitch.${i}`);
  return {
    matrices: (width) => [...towerMatrices(width, hidden), ...keys.map((key) => matrix(key, [2], 'zero'))],
    outputBiases: TOWER_BIASES,
    sourceWeight: 1,
    start: Object.fromEntries(keys.map((key) => [key, START])),
    lasso: null,
    logits<T>(tape: Tape<T>, parameters: DeviceParameters<T>, x: PairInput<T>) {
      const stitched = (i: number, { t, s }: TowerState<T>): TowerState<T> => {
        const alpha = parameters.get(`stitch.${i}`); // [1,2]
        return { t: stitch(tape, alpha, t, s), s: stitch(tape, alpha, s, t) };
      };
      const step = (i: number, state: TowerState<T>): TowerState<T> => {
        const { t, s } = stitched(i, state);
        return { t: layer(tape, parameters, `t.${i}`, t, 'relu'), s: layer(tape, parameters, `s.${i}`, s, 'relu') };
      };
      const last = (state: TowerState<T>) => (beforeOutput ? stitched(hidden.length, state) : state);
      return twoTowers(tape, parameters, x, hidden.length, step, last);
    },
  };
}

/** alpha_S own + alpha_D other: [n,m]. */
function stitch<T>(tape: Tape<T>, alpha: TapeNode<T>, own: TapeNode<T>, other: TapeNode<T>): TapeNode<T> {
  const kept = scaleBy(tape, own, slice(tape, alpha, 0, 1));
  return add(tape, kept, scaleBy(tape, other, slice(tape, alpha, 1, 1)));
}
