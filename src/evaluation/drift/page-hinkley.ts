import type { StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';

export interface PageHinkleyOptions {
  /** Rise of the mean that is let pass. */
  readonly delta: number;
  /** Alarm level, on the scale of the values: to be tuned for each stream. */
  readonly threshold: number;
  /** Forgetting of the cumulated excess, near 1. */
  readonly alpha: number;
  readonly minValues: number;
}

interface PageHinkleyState {
  readonly [key: string]: StateValue;
  readonly count: number;
  readonly mean: number;
  readonly excess: number;
}

/** Page (1954) and Hinkley: the excess over the running mean, cumulated from its low; starts afresh after an alarm. */
export class PageHinkley implements DriftDetector {
  readonly #options: PageHinkleyOptions;
  #count = 0;
  #mean = 0;
  #excess = 0;

  constructor(options: PageHinkleyOptions = { delta: 0.005, threshold: 50, alpha: 0.9999, minValues: 30 }) {
    this.#options = options;
  }

  update(value: number): boolean {
    const { delta, threshold, alpha, minValues } = this.#options;
    this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    this.#excess = Math.max(0, alpha * this.#excess + value - this.#mean - delta);
    if (this.#count < minValues || this.#excess < threshold) return false;
    this.#count = 0;
    this.#mean = 0;
    this.#excess = 0;
    return true;
  }

  snapshot(): StateValue {
    return { count: this.#count, mean: this.#mean, excess: this.#excess } satisfies PageHinkleyState;
  }

  restore(state: StateValue): void {
    const { count, mean, excess } = state as PageHinkleyState;
    this.#count = count;
    this.#mean = mean;
    this.#excess = excess;
  }
}
