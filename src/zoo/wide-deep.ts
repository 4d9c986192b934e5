import { add, concat } from '../model/layers.js';
import { FIRST_ORDER_BIAS, firstOrderLogit, firstOrderMatrices } from './first-order.js';
import { mlp, mlpMatrices } from './mlp.js';
import type { SingleDomainModel } from './single-domain.js';

/** Wide & Deep (Cheng et al. 2016): logistic regression + MLP([e_1 | ... | e_F]). */
export function wideDeep(hidden: readonly number[]): SingleDomainModel {
  const units = [...hidden, 1];
  return {
    firstOrder: true,
    embedded: true,
    attends: false,
    outputBias: FIRST_ORDER_BIAS,
    matrices: ({ fields, width }) => [
      ...firstOrderMatrices(),
      ...mlpMatrices('dnn', fields * width, units, hidden.length),
    ],
    logit: (tape, parameters, x) => {
      const deep = mlp(tape, parameters, 'dnn', concat(tape, x.fields), units.length, 'relu', 'none'); // [B,1]
      return add(tape, firstOrderLogit(tape, parameters, x), deep);
    },
  };
}
