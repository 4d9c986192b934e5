import { add, concat } from '../model/layers.js';
import { compressedInteraction, type InteractionOptions, interactionMatrices } from './compressed-interaction.js';
import { FIRST_ORDER_BIAS, firstOrderLogit, firstOrderMatrices } from './first-order.js';
import { mlp, mlpMatrices } from './mlp.js';
import type { SingleDomainModel } from './single-domain.js';

/** xDeepFM (Lian et al. 2018): logistic regression + MLP([e_1 | ... | e_F]) + compressed interaction network. */
export function xDeepFm(hidden: readonly number[], interaction: InteractionOptions): SingleDomainModel {
  const units = [...hidden, 1];
  return {
    firstOrder: true,
    embedded: true,
    attends: false,
    outputBias: FIRST_ORDER_BIAS,
    matrices: ({ fields, width }) => [
      ...firstOrderMatrices(),
      ...mlpMatrices('dnn', fields * width, units, hidden.length),
      ...interactionMatrices(interaction, fields),
    ],
    logit: (tape, parameters, x) => {
      const deep = mlp(tape, parameters, 'dnn', concat(tape, x.fields), units.length, 'relu', 'none'); // [B,1]
      const crossed = compressedInteraction(tape, parameters, interaction, x.fields); // [B,1]
      return add(tape, add(tape, firstOrderLogit(tape, parameters, x), deep), crossed);
    },
  };
}
