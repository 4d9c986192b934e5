import type { StepReport } from '../../src/core/index.js';

export function stepReport(step: number, rows: number): StepReport {
  return {
    step,
    rows,
    lossLabel: 0.5,
    lossDomain: null,
    lossClass1: null,
    lossClass0: null,
    reversal: 0,
    confusedLoss: 0.69,
    race: null,
    discarded: false,
    restored: false,
    interestNegative: null,
    interestPositive: null,
  };
}
