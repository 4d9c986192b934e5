import type { Stateful, StateValue } from '../core/index.js';
import type { Rewindable } from '../parameters/index.js';
import type { GuardOptions } from './engine-options.js';
import type { BatchRows } from './engine-rows.js';

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
/** Halvings from which on nothing is reversed: discriminators may lose what they like then, the model does not feel it. */
const REVERSAL_OFF_HALVINGS = 10;
/** Steps in a row without any gradient of the embeddings that show a model whose units are all switched off. */
const STALLED_STEPS = 100;
/** Applied steps in which a halved strength or rate doubles again: a year of rare incidents must not end learning. */
const RECOVERY_STEPS = 2000;
/** No strength or rate is halved more often than this: 24 000 steps must suffice to come back. */
const MOST_HALVINGS = 12;

/**
 * Whether predictions were wrong and yet no gradient reached the embeddings, though users and items have rows: every unit
 * on the way is switched off. `dLogit` [B], `rowGradients` [R,d].
 */
export function isStalled(
  { userFeatures, itemFeatures }: BatchRows,
  dLogit: Float64Array,
  rowGradients: Float32Array,
): boolean {
  if (userFeatures.items.length === 0 || itemFeatures.items.length === 0) return false;
  return rowGradients.every((x) => x === 0) && dLogit.some((x) => x !== 0);
}

/**
 * The guard (architecture, section 2). A step with a loss or gradient that is not finite, or whose adversary has run away,
 * is discarded and halves the reversal. After `afterDiscards` in a row weights and slots come back from the guard copy, and
 * learning rates halve, unless the adversary is the cause. The copy also comes back, at half the rates, when no gradient has
 * reached the embeddings for long. Positions are not its business: it never goes back in the log.
 */
export class StepGuard implements Stateful {
  readonly #options: GuardOptions;
  /** Its mark is the guard copy. */
  readonly #weights: Rewindable;
  #appliedSinceCopy = 0;
  #discardsInARow = 0;
  #reversalHalvings = 0;
  #rateHalvings = 0;
  /** What the copy replaced, until a step on the copy is applied: where that fails too, the weights were not to blame. */
  #suspended: Suspended | null = null;
  #stalledSteps = 0;
  /** Moving average of the worst discriminator loss, nats; a coin's at the start and after each restore. */
  #discriminatorLoss = Math.LN2;

  /** The first copy is `weights` as they are. */
  constructor(options: GuardOptions, weights: Rewindable) {
    this.#options = options;
    this.#weights = weights;
    weights.mark();
  }

  /** What the reversal strength is multiplied by. */
  get reversalFactor(): number {
    return this.#reversalHalvings >= REVERSAL_OFF_HALVINGS ? 0 : 2 ** -this.#reversalHalvings;
  }

  /** What learning rates are multiplied by. */
  get rateFactor(): number {
    return 2 ** -this.#rateHalvings;
  }

  /**
   * Whether the adversary has run away: finite, yet ruined (algorithm A.4). Takes in the worst discriminator loss of a step
   * before it is applied, null where the step has none, and its reversal, without which it is nobody's ruin.
   */
  runsAway(worstLoss: number | null, reversal: number): boolean {
    if (worstLoss !== null) {
      const counted = Math.min(worstLoss, GREATEST_COUNTED_LOSS);
      this.#discriminatorLoss += (1 - DISCRIMINATOR_LOSS_DECAY) * (counted - this.#discriminatorLoss);
    }
    return worstLoss !== null && reversal > 0 && this.#ranAway;
  }

  get #ranAway(): boolean {
    return this.#discriminatorLoss > RUNAWAY_LOSS;
  }

  /** After an applied step; `stalled`: no gradient reached its embeddings. Returns whether the copy was put back. */
  applied(labelLoss: number, stalled: boolean): boolean {
    // a step without discriminators is no sign that an adversary has come back
    if (!this.#ranAway) this.#discardsInARow = 0;
    this.#suspended = null;
    this.#weights.settle();
    this.#reversalHalvings = Math.max(0, this.#reversalHalvings - 1 / RECOVERY_STEPS);
    this.#rateHalvings = Math.max(0, this.#rateHalvings - 1 / RECOVERY_STEPS);
    this.#appliedSinceCopy++;
    this.#stalledSteps = stalled ? this.#stalledSteps + 1 : 0;
    if (this.#stalledSteps >= STALLED_STEPS) return this.#putBack(true, false);
    if (this.#appliedSinceCopy < this.#options.everySteps || stalled) return false;
    if (labelLoss > HEALTHY_LABEL_LOSS || this.#discriminatorLoss > HEALTHY_DISCRIMINATOR_LOSS) return false;
    this.#weights.mark();
    this.#appliedSinceCopy = 0;
    return false;
  }

  /**
   * After a discarded step: puts the copy back where that is due, and returns whether weights were. A copy that does not
   * help is exchanged again for what it replaced: bursts of bad batches must not cost what was learned between.
   */
  discarded(): boolean {
    if (this.#suspended !== null) return this.#resume(this.#suspended);
    // the weights are the copy's, which were sound: the batch is at fault, not the reversal or the rate
    if (this.#appliedSinceCopy === 0) return false;
    this.#reversalHalvings = Math.min(MOST_HALVINGS, this.#reversalHalvings + 1);
    this.#discardsInARow++;
    if (this.#discardsInARow < this.#options.afterDiscards) return false;
    if (this.#ranAway) return this.#putBack(false, false);
    this.#suspended = {
      appliedSinceCopy: this.#appliedSinceCopy,
      reversalHalvings: Math.max(0, this.#reversalHalvings - this.#discardsInARow),
      rateHalvings: this.#rateHalvings,
    };
    return this.#putBack(true, true);
  }

  #resume({ appliedSinceCopy, reversalHalvings, rateHalvings }: Suspended): true {
    this.#suspended = null;
    this.#weights.resume();
    this.#appliedSinceCopy = appliedSinceCopy;
    this.#reversalHalvings = reversalHalvings;
    this.#rateHalvings = rateHalvings;
    return true;
  }

  #putBack(slower: boolean, keep: boolean): true {
    this.#weights.rewind(keep);
    if (slower) this.#rateHalvings = Math.min(MOST_HALVINGS, this.#rateHalvings + 1);
    this.#discardsInARow = 0;
    this.#appliedSinceCopy = 0;
    this.#stalledSteps = 0;
    this.#discriminatorLoss = Math.LN2;
    return true;
  }

  snapshot(): StateValue {
    return {
      copy: this.#weights.snapshotMark(),
      appliedSinceCopy: this.#appliedSinceCopy,
      discardsInARow: this.#discardsInARow,
      reversalHalvings: this.#reversalHalvings,
      rateHalvings: this.#rateHalvings,
      suspended: this.#suspended as unknown as StateValue,
      stalledSteps: this.#stalledSteps,
      discriminatorLoss: this.#discriminatorLoss,
    };
  }

  restore(state: StateValue): void {
    const saved = state as unknown as GuardState;
    this.#weights.restoreMark(saved.copy);
    this.#appliedSinceCopy = saved.appliedSinceCopy;
    this.#discardsInARow = saved.discardsInARow;
    this.#reversalHalvings = saved.reversalHalvings;
    this.#rateHalvings = saved.rateHalvings;
    this.#suspended = saved.suspended;
    this.#stalledSteps = saved.stalledSteps;
    this.#discriminatorLoss = saved.discriminatorLoss;
  }
}

interface Suspended {
  readonly appliedSinceCopy: number;
  readonly reversalHalvings: number;
  readonly rateHalvings: number;
}

interface GuardState {
  readonly copy: StateValue;
  readonly appliedSinceCopy: number;
  readonly discardsInARow: number;
  readonly reversalHalvings: number;
  readonly rateHalvings: number;
  readonly suspended: Suspended | null;
  readonly stalledSteps: number;
  readonly discriminatorLoss: number;
}
