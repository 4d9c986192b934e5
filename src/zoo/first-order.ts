import { bug } from '../core/index.js';
import type { DeviceParameters } from '../model/device-parameters.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';
import { addBias } from './layers.js';
import { matrix } from './parameter-matrix.js';
import type { FieldInput, SingleDomainModel } from './single-domain.js';

export const FIRST_ORDER_BIAS = 'lin.b';

export function firstOrderMatrices(): ParameterMatrix[] {
  return [matrix(FIRST_ORDER_BIAS, [1], 'zero')];
}

/** b + sum_f w[id_f], the part that all models but DIN share: [B,1]. */
export function firstOrderLogit<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  { firstOrder }: FieldInput<T>,
): TapeNode<T> {
  return addBias(
    tape,
    firstOrder ?? bug('the input has no first-order weights'),
    parameters.get(FIRST_ORDER_BIAS),
    false,
  );
}

/** Logistic regression: b + sum_f w[id_f]. */
export function logisticRegression(): SingleDomainModel {
  return {
    firstOrder: true,
    embedded: false,
    attends: false,
    outputBias: FIRST_ORDER_BIAS,
    matrices: firstOrderMatrices,
    logit: firstOrderLogit,
  };
}
