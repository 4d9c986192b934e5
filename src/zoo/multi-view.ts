import { bag, concat } from '../model/layers.js';
import type { CrossDomainModel } from './cross-domain.js';
import { cosine } from './host-layers.js';
import { addBias, scaleBy } from './layers.js';
import { mlp, mlpMatrices } from './mlp.js';
import { matrix } from './parameter-matrix.js';

/** gamma at the start; cosines are at most 1, so that smaller ones cannot say much. */
const START_SCALE = 5;

/**
 * MV-DNN (Elkahky et al. 2015) with the loss of clicks: gamma cos(f_u([p | mean target history | mean source history]),
 * f_D(q_D)) + bias_D, where f are MLPs with tanh. gamma is shared and learned.
 */
export function multiView(hidden: readonly number[]): CrossDomainModel {
  return {
    matrices: (d) => [
      ...mlpMatrices('u', 3 * d, hidden, 0),
      ...mlpMatrices('t', d, hidden, 0),
      ...mlpMatrices('s', d, hidden, 0),
      matrix('gamma', [1], 'zero'),
      matrix('bias.t', [1], 'zero'),
      matrix('bias.s', [1], 'zero'),
    ],
    outputBiases: ['bias.t', 'bias.s'],
    sourceWeight: 1,
    start: { gamma: [START_SCALE] },
    lasso: null,
    logits: (tape, parameters, { user, itemT, itemS, items, histT, histS }) => {
      const histories = [histT, histS].map((history) => bag(tape, items, history, 'mean')); // [B,d] each
      const view = concat(tape, [user, ...histories]); // [B,3d]
      const u = mlp(tape, parameters, 'u', view, hidden.length, 'tanh', 'tanh'); // [B,w]
      const relevance = (domain: 't' | 's', item: typeof itemT) => {
        const v = mlp(tape, parameters, domain, item, hidden.length, 'tanh', 'tanh'); // [B,w]
        const scaled = scaleBy(tape, cosine(tape, u, v), parameters.get('gamma')); // [B,1]
        return addBias(tape, scaled, parameters.get(`bias.${domain}`), false);
      };
      return { target: relevance('t', itemT), source: relevance('s', itemS) };
    },
  };
}
