import type { Ragged } from '../core/index.js';
import type { DeviceParameters } from '../model/device-parameters.js';
import { concat, product } from '../model/layers.js';
import { attend, interestWeights, scaleBlocks } from '../model/paper-layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import type { CrossDomainModel } from './cross-domain.js';
import { segmentSoftmax } from './host-layers.js';
import { multiply, relu, times } from './layers.js';
import { mlp, mlpMatrices } from './mlp.js';
import { weightedHistory } from './packed-attention.js';
import { matrix, stacked } from './parameter-matrix.js';

export interface MixedInterestOptions {
  /** Rank of the map Ha Hb from source items to target items. */
  readonly rank: number;
  /** gamma: weight of the source rows' loss. */
  readonly sourceWeight: number;
}

/**
 * MiNet (Ouyang et al. 2020): MLP_t([q | v_u p | v_t a_t | v_s a_s]) on the target and, as an auxiliary task,
 * MLP_s([q_s | p]) on the source. Features are summed to d as in DADIN instead of standing side by side.
 */
export function mixedInterest(hidden: readonly number[], options: MixedInterestOptions): CrossDomainModel {
  const units = [...hidden, 1];
  return {
    matrices: (d) => [
      matrix('att.t.W', [d, 4 * d]),
      matrix('att.t.h', [d]),
      matrix('att.s.W', [d, 4 * d]),
      matrix('att.s.h', [d]),
      matrix('Ha', [d, options.rank]),
      matrix('Hb', [options.rank, d]),
      stacked('int.V', ['int.u.V', 'int.t.V', 'int.s.V'], [d, 4 * d], [3 * d, 4 * d]),
      stacked('int.g', ['int.u.g', 'int.t.g', 'int.s.g'], [d], [3, d]),
      stacked('int.b', ['int.u.b', 'int.t.b', 'int.s.b'], [1], [1, 3], 'zero'),
      ...mlpMatrices('t', 4 * d, units, hidden.length),
      ...mlpMatrices('s', 2 * d, units, hidden.length),
    ],
    outputBiases: [`t.${hidden.length}.b`, `s.${hidden.length}.b`],
    sourceWeight: options.sourceWeight,
    start: { 'int.b': [1, 0, 0] },
    lasso: null,
    logits: (tape, parameters, { user: p, itemT: q, itemS, items, histT, histS }) => {
      const w = (key: string) => parameters.get(key);
      const { pooled: aT } = attend(tape, items, histT, q, p, w('att.t.W'), w('att.t.h')); // [B,d]
      const aS = attendSource(tape, parameters, items, histS, q, p); //                       [B,d]
      const z4 = concat(tape, [q, p, aT, aS]); //                                             [B,4d]
      const v = interestWeights(tape, z4, w('int.V'), w('int.g'), w('int.b'), 'inside'); //   [B,3]
      const m = scaleBlocks(tape, z4, v); //                                                  [B,4d]
      return {
        target: mlp(tape, parameters, 't', m, units.length, 'relu', 'none'), //               [B,1]
        source: mlp(tape, parameters, 's', concat(tape, [itemS, p]), units.length, 'relu', 'none'),
      };
    },
  };
}

/** Softmax of h . relu(W [r | q | p | (r Ha Hb) * q]) over the source history weighs its items: [B,d]. */
function attendSource<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  items: TapeNode<T>,
  history: Ragged,
  q: TapeNode<T>,
  p: TapeNode<T>,
): TapeNode<T> {
  return weightedHistory(tape, items, history, ({ r, beside }) => {
    const moved = times(tape, times(tape, r, parameters.get('Ha')), parameters.get('Hb')); // [N,d]
    const qBeside = beside(q);
    const x = concat(tape, [r, qBeside, beside(p), multiply(tape, moved, qBeside)]); //       [N,4d]
    const u = relu(tape, product(tape, x, parameters.get('att.s.W'))); //                     [N,d]
    return segmentSoftmax(tape, product(tape, u, parameters.get('att.s.h')), history.splits);
  });
}
