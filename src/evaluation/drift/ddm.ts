import type { StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';

const MIN_VALUES = 30;
const DRIFT_LEVEL = 3;

interface DdmState {
  readonly [key: string]: StateValue;
  readonly count: number;
  readonly mean: number;
  /** null before the first minimum: a checkpoint holds no infinities */
  readonly low: readonly [mean: number, deviation: number] | null;
}

/**
 * DDM (Gama et al. 2004) over an error indicator: alarm when p + s exceeds p_min + 3 s_min. At a click rate of 1 % the
 * error rate is the click rate, so feed it a class-balanced subsample. Starts afresh after an alarm.
 */
export class Ddm implements DriftDetector {
  #count = 0;
  #mean = 0;
  #low: readonly [mean: number, deviation: number] | null = null;

  update(error: number): boolean {
    this.#count++;
    this.#mean += (error - this.#mean) / this.#count;
    if (this.#count <= MIN_VALUES) return false;
    const deviation = Math.sqrt((this.#mean * (1 - this.#mean)) / this.#count);
    const level = this.#mean + deviation;
    if (this.#low === null || level <= this.#low[0] + this.#low[1]) this.#low = [this.#mean, deviation];
    if (level <= this.#low[0] + DRIFT_LEVEL * this.#low[1]) return false;
    this.#count = 0;
    this.#mean = 0;
    this.#low = null;
    return true;
  }

  snapshot(): StateValue {
    return { count: this.#count, mean: this.#mean, low: this.#low } satisfies DdmState;
  }

  restore(state: StateValue): void {
    const { count, mean, low } = state as DdmState;
    this.#count = count;
    this.#mean = mean;
    this.#low = low;
  }
}
