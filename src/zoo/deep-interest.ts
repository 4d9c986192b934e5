import type { DeviceParameters } from '../model/device-parameters.js';
import { concat } from '../model/layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import { segmentSoftmax } from './host-layers.js';
import { multiply, scale, subtract } from './layers.js';
import { mlp, mlpMatrices } from './mlp.js';
import { weightedHistory } from './packed-attention.js';
import type { AttendedHistory, SingleDomainModel } from './single-domain.js';

export interface DeepInterestOptions {
  /** Hidden units of the attention network, with sigmoid. */
  readonly attentionHidden: readonly number[];
  /** Scores divided by sqrt(d) and normalised over the history, as the public code; else they weigh as they are. */
  readonly softmax: boolean;
}

/** DIN (Zhou et al. 2018): MLP([fields | sum_l w_l r_l]) with w_l = MLP([q | r_l | q - r_l | q * r_l]). */
export function deepInterest(hidden: readonly number[], options: DeepInterestOptions): SingleDomainModel {
  const units = [...hidden, 1];
  const attentionUnits = [...options.attentionHidden, 1];
  return {
    firstOrder: false,
    embedded: true,
    attends: true,
    outputBias: `dnn.${hidden.length}.b`,
    matrices: ({ fields, width, attentions }) => [
      ...attentions.flatMap((name) => mlpMatrices(name, 4 * width, attentionUnits, 0)),
      ...mlpMatrices('dnn', (fields + attentions.length) * width, units, hidden.length),
    ],
    logit: (tape, parameters, { fields, histories }) => {
      const interests = histories.map((history) => attend(tape, parameters, options, history)); // [B,d] each
      const input = concat(tape, [...fields, ...interests]); // [B,(F + histories) d]
      return mlp(tape, parameters, 'dnn', input, units.length, 'relu', 'none'); // [B,1]
    },
  };
}

function attend<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  { attentionHidden, softmax }: DeepInterestOptions,
  { attention, items, positions, candidate }: AttendedHistory<T>,
): TapeNode<T> {
  const d = tape.ops.shape(items.value)[1];
  return weightedHistory(tape, items, positions, ({ r, beside }) => {
    const q = beside(candidate); // [N,d]
    const x = concat(tape, [q, r, subtract(tape, q, r), multiply(tape, q, r)]); // [N,4d]
    const s = mlp(tape, parameters, attention, x, attentionHidden.length + 1, 'sigmoid', 'none'); // [N,1]
    return softmax ? segmentSoftmax(tape, scale(tape, s, 1 / Math.sqrt(d)), positions.splits) : s;
  });
}
