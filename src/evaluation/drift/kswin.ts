import { SeededRandom, type StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';

export interface KswinOptions {
  /** Level of one test; a test is made for every value, so far below the usual .05. */
  readonly alpha: number;
  readonly windowSize: number;
  /** Newest values compared with as many drawn from the older ones; at most half the window. */
  readonly recentSize: number;
  readonly seed: number;
}

interface KswinState {
  readonly [key: string]: StateValue;
  readonly window: Float64Array;
  readonly random: StateValue;
}

/**
 * KSWIN (Raab, Heusinger and Schleif 2020): Kolmogorov and Smirnov's distance between the newest r values and r drawn
 * without replacement from the older part of a window; alarm above sqrt(-ln(alpha) / r), then only the newest stay.
 * Sees changes of the distribution that leave its mean.
 */
export class Kswin implements DriftDetector {
  readonly #options: KswinOptions;
  #window: number[] = [];
  readonly #random: SeededRandom;

  constructor(options: KswinOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 'kswin');
  }

  update(value: number): boolean {
    const { alpha, windowSize, recentSize } = this.#options;
    this.#window.push(value);
    if (this.#window.length > windowSize) this.#window.shift();
    if (this.#window.length < windowSize) return false;
    const older = Float64Array.from(this.#window.slice(0, windowSize - recentSize));
    const recent = Float64Array.from(this.#window.slice(windowSize - recentSize));
    // the first recentSize steps of a Fisher-Yates shuffle
    for (let i = 0; i < recentSize; i++) {
      const j = i + this.#random.below(older.length - i);
      const drawn = older[j]!;
      older[j] = older[i]!;
      older[i] = drawn;
    }
    const kept = [...recent];
    const distance = kolmogorovDistance(older.slice(0, recentSize).sort(), recent.sort());
    if (distance <= Math.sqrt(-Math.log(alpha) / recentSize)) return false;
    this.#window = kept;
    return true;
  }

  snapshot(): StateValue {
    return { window: Float64Array.from(this.#window), random: this.#random.snapshot() } satisfies KswinState;
  }

  restore(state: StateValue): void {
    const { window, random } = state as KswinState;
    this.#window = [...window];
    this.#random.restore(random);
  }
}

/** Largest gap between the distribution functions of two ascending samples of equal size. */
function kolmogorovDistance(a: Float64Array, b: Float64Array): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i - j));
  }
  return largest / a.length;
}
