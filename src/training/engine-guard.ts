import type { Stateful, StateValue } from '../core/index.js';
import type { GuardOptions } from './engine-options.js';
import type { WeightsState } from './engine-weights.js';

/**
 * Largest magnitude of a gradient that optimizers can take: the square must fit float32, or a slot becomes infinite and
 * its weight never moves again.
 */
const GRADIENT_LIMIT = 1e18;
/** No copy is taken of weights whose label loss (nats a row) is beyond this: they are on their way to diverge. */
const HEALTHY_LABEL_LOSS = 10;
/**
 * Nats of the worst discriminator, as a moving average, from which the adversary has run away: ten times what a tossed
 * coin loses. Governed steps stay below 2.5, also in batches of 32; beyond 2 a diverging one is here within ten steps.
 * Not relative to the domain prior: after a drought of one domain, its return costs a sound discriminator up to 5 nats.
 */
const RUNAWAY_LOSS = 10 * Math.LN2;
/** No copy is taken beyond this average. */
const HEALTHY_DISCRIMINATOR_LOSS = 2;
/** A single loss counts for no more than this, so that it takes seven steps and not one odd batch. */
const GREATEST_COUNTED_LOSS = 2 * RUNAWAY_LOSS;
const DISCRIMINATOR_LOSS_DECAY = 0.9;
/** Halvings after which the reversal is too weak to be what drives a run-away: then learning rates halve as well. */
const SPENT_REVERSAL_HALVINGS = 10;
/** Applied steps in which a halved strength or rate doubles again: a year of rare incidents must not end learning. */
const RECOVERY_STEPS = 2000;

export function allUsable(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= GRADIENT_LIMIT)) return false;
  return true;
}

/**
 * The guard (architecture, section 2): a step with a loss or gradient that is not finite, or whose adversary has run away,
 * is discarded and halves the reversal; after `afterDiscards` in a row weights and slots come back from the guard copy and
 * reversal halves, and learning rates with it where reversal cannot be the cause. Positions are not its business: it never
 * goes back in the log.
 */
export class StepGuard implements Stateful {
  readonly #options: GuardOptions;
  #copy: WeightsState;
  #appliedSinceCopy = 0;
  #discardsInARow = 0;
  #reversalHalvings = 0;
  #rateHalvings = 0;
  /** Moving average of the worst discriminator loss, nats; a coin's at the start and after each restore. */
  #discriminatorLoss = Math.LN2;

  constructor(options: GuardOptions, start: WeightsState) {
    this.#options = options;
    this.#copy = start;
  }

  /** What the reversal strength is multiplied by. */
  get reversalFactor(): number {
    return 2 ** -this.#reversalHalvings;
  }

  /** What learning rates are multiplied by. */
  get rateFactor(): number {
    return 2 ** -this.#rateHalvings;
  }

  /**
   * Whether the adversary has run away: finite, yet ruined (algorithm A.4). Takes in the worst discriminator loss of a step
   * before it is applied, null where the step has none.
   */
  runsAway(worstLoss: number | null): boolean {
    if (worstLoss !== null) {
      const counted = Math.min(worstLoss, GREATEST_COUNTED_LOSS);
      this.#discriminatorLoss += (1 - DISCRIMINATOR_LOSS_DECAY) * (counted - this.#discriminatorLoss);
    }
    return worstLoss !== null && this.#ranAway;
  }

  get #ranAway(): boolean {
    return this.#discriminatorLoss > RUNAWAY_LOSS;
  }

  /** After an applied step. */
  applied(labelLoss: number, copy: () => WeightsState): void {
    // a step without discriminators is no sign that an adversary has come back
    if (!this.#ranAway) this.#discardsInARow = 0;
    this.#reversalHalvings = Math.max(0, this.#reversalHalvings - 1 / RECOVERY_STEPS);
    this.#rateHalvings = Math.max(0, this.#rateHalvings - 1 / RECOVERY_STEPS);
    this.#appliedSinceCopy++;
    if (this.#appliedSinceCopy < this.#options.everySteps) return;
    if (labelLoss > HEALTHY_LABEL_LOSS || this.#discriminatorLoss > HEALTHY_DISCRIMINATOR_LOSS) return;
    this.#copy = copy();
    this.#appliedSinceCopy = 0;
  }

  /** After a discarded step: the copy to put back, or null where it is not due. */
  discarded(): WeightsState | null {
    this.#reversalHalvings++;
    this.#discardsInARow++;
    if (this.#discardsInARow < this.#options.afterDiscards) return null;
    if (!this.#ranAway || this.#reversalHalvings > SPENT_REVERSAL_HALVINGS) this.#rateHalvings++;
    this.#discardsInARow = 0;
    this.#appliedSinceCopy = 0;
    this.#discriminatorLoss = Math.LN2;
    return this.#copy;
  }

  snapshot(): StateValue {
    return {
      copy: copyState(this.#copy as unknown as StateValue),
      appliedSinceCopy: this.#appliedSinceCopy,
      discardsInARow: this.#discardsInARow,
      reversalHalvings: this.#reversalHalvings,
      rateHalvings: this.#rateHalvings,
      discriminatorLoss: this.#discriminatorLoss,
    };
  }

  restore(state: StateValue): void {
    const saved = state as unknown as GuardState;
    this.#copy = copyState(saved.copy as unknown as StateValue) as unknown as WeightsState;
    this.#appliedSinceCopy = saved.appliedSinceCopy;
    this.#discardsInARow = saved.discardsInARow;
    this.#reversalHalvings = saved.reversalHalvings;
    this.#rateHalvings = saved.rateHalvings;
    this.#discriminatorLoss = saved.discriminatorLoss;
  }
}

interface GuardState {
  readonly copy: WeightsState;
  readonly appliedSinceCopy: number;
  readonly discardsInARow: number;
  readonly reversalHalvings: number;
  readonly rateHalvings: number;
  readonly discriminatorLoss: number;
}

/** A deep copy, whose buffers may be moved to another thread. */
function copyState(state: StateValue): StateValue {
  return structuredClone(state);
}
