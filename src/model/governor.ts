import type { Stateful, StateValue } from '../core/index.js';
import type { DiscriminatorLosses } from './discriminator-losses.js';
import { lossWeights, type ModelOptions } from './model-options.js';
import { MovingAverage } from './moving-average.js';

/** DANN's warm-up 2 / (1 + e^{-10 p}) - 1 with p = steps / rampSteps, at most 1 (algorithm D.15). 0 steps: at once. */
export function rampStrength(steps: number, rampSteps: number): number {
  const p = rampSteps === 0 ? 1 : Math.min(1, steps / rampSteps);
  return 2 / (1 + Math.exp(-10 * p)) - 1;
}

/** Entropy H of the domain prior: the loss of a fully confused discriminator, 0 < prior < 1. */
export function priorEntropy(prior: number): number {
  return -(prior * Math.log(prior) + (1 - prior) * Math.log(1 - prior));
}

/**
 * The adversary governor (algorithm A.4): full reversal while the worst discriminator loss E is at most that of a
 * confused discriminator, none from kappa times that on, linear between.
 */
export function governedStrength(ramp: number, worstLoss: number, confusedLoss: number, kappa: number): number {
  const room = (kappa - worstLoss / confusedLoss) / (kappa - 1);
  return ramp * Math.min(1, Math.max(0, room));
}

/** The largest of the losses that a discriminator is trained with; null without discriminators. */
export function worstDiscriminatorLoss(options: ModelOptions, losses: DiscriminatorLosses | null): number | null {
  if (losses === null) return null;
  const [, lambda2, lambda3] = lossWeights(options);
  return Math.max(lambda2 > 0 ? losses.domain : 0, lambda3 > 0 ? Math.max(losses.class1, losses.class0) : 0);
}

const PRIOR_DECAY = 0.99;
const LOSS_DECAY = 0.9;
const PRIOR_FLOOR = 0.01;

/** Decides lambda_grl of every step from what earlier steps showed. */
export class AdversaryGovernor implements Stateful {
  readonly #options: ModelOptions;
  #targetShare = new MovingAverage(PRIOR_DECAY);
  #worstLoss = new MovingAverage(LOSS_DECAY);
  #steps = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** H of the domain prior so far; ln 2 where each domain weighs one half and before the first step. */
  confusedLoss(): number {
    const share = this.#options.domainBalance === 'balanced' ? 0.5 : (this.#targetShare.value ?? 0.5);
    return priorEntropy(Math.min(1 - PRIOR_FLOOR, Math.max(PRIOR_FLOOR, share)));
  }

  /** lambda_grl of the next step. */
  strength(): number {
    const { mode, strength, kappa, rampSteps } = this.#options.adversary;
    if (mode === 'off') return 0;
    if (mode === 'literal') return 1;
    if (mode === 'constant') return strength;
    const ramp = strength * rampStrength(this.#steps, rampSteps);
    const worst = this.#worstLoss.value;
    return worst === null ? ramp : governedStrength(ramp, worst, this.confusedLoss(), kappa);
  }

  /** The ramp begins again at 0; what is known of the discriminators stays. */
  restartRamp(): void {
    this.#steps = 0;
  }

  /** Takes in a step that was applied; `losses` null where its discriminators were left out. */
  observe(targetShare: number, losses: DiscriminatorLosses | null): void {
    this.#steps++;
    this.#targetShare.observe(targetShare);
    const worst = worstDiscriminatorLoss(this.#options, losses);
    if (worst !== null) this.#worstLoss.observe(worst);
  }

  snapshot(): StateValue {
    return {
      targetShare: this.#targetShare.snapshot(),
      worstLoss: this.#worstLoss.snapshot(),
      steps: this.#steps,
    };
  }

  restore(state: StateValue): void {
    const { targetShare, worstLoss, steps } = state as {
      targetShare: StateValue;
      worstLoss: StateValue;
      steps: number;
    };
    this.#targetShare.restore(targetShare);
    this.#worstLoss.restore(worstLoss);
    this.#steps = steps;
  }
}
