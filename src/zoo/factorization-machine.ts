import { add } from '../model/layers.js';
import { FIRST_ORDER_BIAS, firstOrderLogit, firstOrderMatrices } from './first-order.js';
import { pairProducts, sumColumns } from './layers.js';
import type { SingleDomainModel } from './single-domain.js';

/** Factorization machine (Rendle 2010): logistic regression + 1/2 sum_d [(sum_f e_f)^2 - sum_f e_f^2]. */
export function factorizationMachine(): SingleDomainModel {
  return {
    firstOrder: true,
    embedded: true,
    attends: false,
    outputBias: FIRST_ORDER_BIAS,
    matrices: firstOrderMatrices,
    logit: (tape, parameters, x) => {
      const pairs = pairProducts(tape, x.fields); // [B,d]
      return add(tape, firstOrderLogit(tape, parameters, x), sumColumns(tape, pairs)); // [B,1]
    },
  };
}
