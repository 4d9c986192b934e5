import type { StateValue } from '../core/index.js';
import type { GuardOptions } from './engine-options.js';
import type { WeightsState } from './engine-weights.js';

/**
 * Largest magnitude of a gradient that optimizers can take: the square must fit float32, or a slot becomes infinite and
 * its weight never moves again.
 */
const GRADIENT_LIMIT = 1e18;
/** No copy is taken of weights whose loss (nats a row) is beyond this: they are on their way to diverge. */
const HEALTHY_LOSS = 10;
/** Applied steps in which a halved strength or rate doubles again: a year of rare incidents must not end learning. */
const RECOVERY_STEPS = 2000;

export function allUsable(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= GRADIENT_LIMIT)) return false;
  return true;
}

/**
 * The non-finite guard (architecture, section 2): a step with a loss or gradient that is not finite is discarded and
 * halves the reversal; after `afterDiscards` in a row weights and slots come back from the guard copy, and reversal and
 * learning rate halve. Positions are not its business: it never goes back in the log.
 */
export class NonFiniteGuard {
  readonly #options: GuardOptions;
  #copy: WeightsState;
  #appliedSinceCopy = 0;
  #discardsInARow = 0;
  #reversalHalvings = 0;
  #rateHalvings = 0;

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

  /** After an applied step; `worstLoss` is the largest of its losses. */
  applied(worstLoss: number, copy: () => WeightsState): void {
    this.#discardsInARow = 0;
    this.#reversalHalvings = Math.max(0, this.#reversalHalvings - 1 / RECOVERY_STEPS);
    this.#rateHalvings = Math.max(0, this.#rateHalvings - 1 / RECOVERY_STEPS);
    this.#appliedSinceCopy++;
    if (this.#appliedSinceCopy < this.#options.everySteps || worstLoss > HEALTHY_LOSS) return;
    this.#copy = copy();
    this.#appliedSinceCopy = 0;
  }

  /** After a discarded step: the copy to put back, or null where it is not due. */
  discarded(): WeightsState | null {
    this.#reversalHalvings++;
    this.#discardsInARow++;
    if (this.#discardsInARow < this.#options.afterDiscards) return null;
    this.#discardsInARow = 0;
    this.#appliedSinceCopy = 0;
    this.#rateHalvings++;
    return this.#copy;
  }

  snapshot(): StateValue {
    return {
      copy: copyState(this.#copy as unknown as StateValue),
      appliedSinceCopy: this.#appliedSinceCopy,
      discardsInARow: this.#discardsInARow,
      reversalHalvings: this.#reversalHalvings,
      rateHalvings: this.#rateHalvings,
    };
  }

  restore(state: StateValue): void {
    const saved = state as unknown as GuardState;
    this.#copy = copyState(saved.copy as unknown as StateValue) as unknown as WeightsState;
    this.#appliedSinceCopy = saved.appliedSinceCopy;
    this.#discardsInARow = saved.discardsInARow;
    this.#reversalHalvings = saved.reversalHalvings;
    this.#rateHalvings = saved.rateHalvings;
  }
}

interface GuardState {
  readonly copy: WeightsState;
  readonly appliedSinceCopy: number;
  readonly discardsInARow: number;
  readonly reversalHalvings: number;
  readonly rateHalvings: number;
}

/** A deep copy, whose buffers may be moved to another thread. */
function copyState(state: StateValue): StateValue {
  return structuredClone(state);
}
