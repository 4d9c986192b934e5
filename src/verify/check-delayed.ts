import {
  delayedFeedbackLoss,
  elapsedTimeWeights,
  fakeNegativeCalibrated,
  fakeNegativeWeights,
  type LabelWeights,
  realNegativeWeights,
  undoDownsampling,
} from '../join/delayed-labels.js';
import { governedStrength, priorEntropy, rampStrength } from '../model/governor.js';
import { Comparison, FLOAT64, type Verdict } from './verdict.js';

/** Arguments first, results last. */
interface DelayedFixture {
  readonly fnw: readonly (readonly [number, number, number])[];
  readonly fnc: readonly (readonly [number, number])[];
  readonly esdfm: readonly (readonly [number, number, number, number])[];
  readonly defer: readonly (readonly [number, number, number, number])[];
  readonly dfm: readonly (readonly [number, boolean, number, number, number])[];
  readonly downsampling: readonly (readonly [number, number, number])[];
  readonly governor: readonly (readonly [number, number, number, number, number])[];
  readonly grlSchedule: readonly (readonly [number, number, number])[];
}

/** Formulas of delayed labels, down-sampling, the adversary governor and its ramp. */
export function checkDelayed(file: string, content: unknown): Verdict {
  const fixture = content as DelayedFixture;
  const comparison = new Comparison();
  const number = (where: string, actual: number, expected: number) =>
    comparison.number(where, actual, expected, FLOAT64);
  const weights = (where: string, actual: LabelWeights, positive: number, negative: number) => {
    number(`${where}.positive`, actual.positive, positive);
    number(`${where}.negative`, actual.negative, negative);
  };
  for (const [p, positive, negative] of fixture.fnw) weights('fnw', fakeNegativeWeights(p), positive, negative);
  for (const [biased, p] of fixture.fnc) number('fnc', fakeNegativeCalibrated(biased), p);
  for (const [delayed, real, positive, negative] of fixture.esdfm) {
    weights('esdfm', elapsedTimeWeights(delayed, real), positive, negative);
  }
  for (const [p, delayed, positive, negative] of fixture.defer) {
    weights('defer', realNegativeWeights(p, delayed), positive, negative);
  }
  for (const [logit, clicked, elapsed, rate, loss] of fixture.dfm) {
    number('dfm', delayedFeedbackLoss(logit, clicked, elapsed, rate), loss);
  }
  for (const [p, keep, q] of fixture.downsampling) number('downsampling', undoDownsampling(p, keep), q);
  for (const [ramp, worst, prior, kappa, strength] of fixture.governor) {
    number('governor', governedStrength(ramp, worst, priorEntropy(prior), kappa), strength);
  }
  for (const [steps, rampSteps, ramp] of fixture.grlSchedule) {
    number('grlSchedule', rampStrength(steps, rampSteps), ramp);
  }
  return comparison.verdict(file, 'formulas');
}
