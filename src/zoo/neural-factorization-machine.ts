import { add } from '../model/layers.js';
import { FIRST_ORDER_BIAS, firstOrderLogit, firstOrderMatrices } from './first-order.js';
import { pairProducts } from './layers.js';
import { mlp, mlpMatrices } from './mlp.js';
import type { SingleDomainModel } from './single-domain.js';

/** Neural factorization machine (He and Chua 2017): logistic regression + MLP(sum of pair products). No batch norm. */
export function neuralFactorizationMachine(hidden: readonly number[]): SingleDomainModel {
  const units = [...hidden, 1];
  return {
    firstOrder: true,
    embedded: true,
    attends: false,
    outputBias: FIRST_ORDER_BIAS,
    matrices: ({ width }) => [...firstOrderMatrices(), ...mlpMatrices('dnn', width, units, hidden.length)],
    logit: (tape, parameters, x) => {
      const pairs = pairProducts(tape, x.fields); // [B,d]
      const deep = mlp(tape, parameters, 'dnn', pairs, units.length, 'relu', 'none'); // [B,1]
      return add(tape, firstOrderLogit(tape, parameters, x), deep);
    },
  };
}
