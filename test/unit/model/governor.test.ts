import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DiscriminatorLosses } from '../../../src/model/discriminator-losses.js';
import { AdversaryGovernor, governedStrength, priorEntropy, rampStrength } from '../../../src/model/governor.js';
import { ClassThreshold } from '../../../src/model/threshold.js';
import { SMALL_MODEL } from './options.js';

const delayed = JSON.parse(readFileSync(new URL('../../fixtures/delayed.json', import.meta.url), 'utf8')) as {
  governor: [number, number, number, number, number][];
  grlSchedule: [number, number, number][];
};

function losses(worst: number): DiscriminatorLosses {
  const empty = new Float64Array(0);
  return { domain: worst, class1: 0, class0: 0, logits: empty, dProducts: empty, dBiases: empty };
}

const governed = (change = {}) =>
  new AdversaryGovernor({
    ...SMALL_MODEL,
    adversary: { mode: 'governed', strength: 1, kappa: 1.2, rampSteps: 10, ...change },
  });

describe('adversary governor', () => {
  it.each(delayed.governor)('ramp %f, E %f, prior %f, kappa %f -> %f', (ramp, worst, prior, kappa, expected) => {
    expect(governedStrength(ramp, worst, priorEntropy(prior), kappa)).toBeCloseTo(expected, 12);
  });

  it.each(delayed.grlSchedule)('ramp after %i of %i steps is %f', (steps, rampSteps, expected) => {
    expect(rampStrength(steps, rampSteps)).toBeCloseTo(expected, 12);
  });

  it('starts without reversal and lets go when the discriminators fail', () => {
    const governor = governed();
    expect(governor.strength()).toBe(0);
    for (let i = 0; i < 20; i++) governor.observe(0.5, losses(0.6));
    expect(governor.strength()).toBeCloseTo(rampStrength(20, 10), 12);
    for (let i = 0; i < 40; i++) governor.observe(0.5, losses(3));
    expect(governor.strength()).toBe(0);
  });

  it('measures confusion against the prior of the domains', () => {
    const governor = governed();
    for (let i = 0; i < 2000; i++) governor.observe(0.2, null);
    expect(governor.confusedLoss()).toBeCloseTo(priorEntropy(0.2), 12);
    const lonely = governed();
    lonely.observe(0, null);
    expect(lonely.confusedLoss()).toBeCloseTo(priorEntropy(0.01), 12);
    const balanced = new AdversaryGovernor({ ...SMALL_MODEL, domainBalance: 'balanced' });
    balanced.observe(0.1, null);
    expect(balanced.confusedLoss()).toBeCloseTo(Math.LN2, 12);
  });

  it('other modes do not look at losses', () => {
    for (const [mode, expected] of [
      ['literal', 1],
      ['constant', 0.3],
      ['off', 0],
    ] as const) {
      const governor = governed({ mode, strength: 0.3 });
      for (let i = 0; i < 5; i++) governor.observe(0.5, losses(1e9));
      expect(governor.strength()).toBe(expected);
    }
  });

  it('goes on from a snapshot as if never stopped', () => {
    const [one, other] = [governed(), governed()];
    for (let i = 0; i < 7; i++) one.observe(0.3, losses(0.68));
    other.restore(structuredClone(one.snapshot()));
    for (const governor of [one, other]) governor.observe(0.4, losses(0.7));
    expect(other.strength()).toBe(one.strength());
    expect(other.confusedLoss()).toBe(one.confusedLoss());
  });
});

describe('class threshold', () => {
  const logit = Float64Array.of(-3, 0, 3, 1);

  it('follows the label rate, for batches of any size', () => {
    const threshold = new ClassThreshold({ mode: 'prior', value: 0.5 });
    expect(threshold.of(logit)).toBe(0.5);
    for (let i = 0; i < 3000; i++) threshold.observe([i % 10 === 0 ? 1 : 0], [1]);
    expect(threshold.of(logit)).toBeGreaterThan(0.08);
    expect(threshold.of(logit)).toBeLessThan(0.13);
    const restored = new ClassThreshold({ mode: 'prior', value: 0.5 });
    restored.restore(structuredClone(threshold.snapshot()));
    expect(restored.of(logit)).toBe(threshold.of(logit));
  });

  it('follows the weighted label rate, the one that predictions learn', () => {
    const threshold = new ClassThreshold({ mode: 'prior', value: 0.5 });
    for (let i = 0; i < 3000; i++) threshold.observe([1, 0], [0.5, 1.5]);
    expect(threshold.of(logit)).toBeCloseTo(0.25, 2);
  });

  it('is a constant, or a quantile of the predictions', () => {
    expect(new ClassThreshold({ mode: 'fixed', value: 0.2 }).of(logit)).toBe(0.2);
    expect(new ClassThreshold({ mode: 'quantile', value: 0.5 }).of(logit)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(new ClassThreshold({ mode: 'quantile', value: 1 }).of(logit)).toBeCloseTo(1 / (1 + Math.exp(-3)), 12);
  });
});
