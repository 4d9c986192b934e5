import type { Stateful, StateValue } from '../core/index.js';
import { CompensatedSum } from './compensated-sum.js';

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

interface CalibrationState {
  readonly [key: string]: StateValue;
  readonly clicks: number;
  readonly predicted: StateValue;
}

/** Clicks predicted over clicks observed (COPC): 1 is calibrated, above 1 promises too many. */
export class Calibration implements Stateful {
  #clicks = 0;
  readonly #predicted = new CompensatedSum();

  add(logit: number, label: 0 | 1): void {
    this.addProbability(sigmoid(Math.fround(logit)), label);
  }

  addProbability(probability: number, label: 0 | 1): void {
    this.#clicks += label;
    this.#predicted.add(probability);
  }

  remove(logit: number, label: 0 | 1): void {
    this.#clicks -= label;
    this.#predicted.add(-sigmoid(Math.fround(logit)));
  }

  /** Null without clicks. */
  get ratio(): number | null {
    return this.#clicks === 0 ? null : this.#predicted.value / this.#clicks;
  }

  /**
   * About 95 % of the chance in the observed clicks: the relative error of a Poisson count is 1/sqrt(clicks), so the
   * ratio lies within ratio (1 -+ 2/sqrt(clicks)). Null without clicks.
   */
  get band(): readonly [low: number, high: number] | null {
    const ratio = this.ratio;
    if (ratio === null) return null;
    const width = 2 / Math.sqrt(this.#clicks);
    return [Math.max(0, ratio * (1 - width)), ratio * (1 + width)];
  }

  merge(other: Calibration): void {
    this.#clicks += other.#clicks;
    this.#predicted.add(other.#predicted.value);
  }

  snapshot(): StateValue {
    return { clicks: this.#clicks, predicted: this.#predicted.snapshot() } satisfies CalibrationState;
  }

  restore(state: StateValue): void {
    const { clicks, predicted } = state as CalibrationState;
    this.#clicks = clicks;
    this.#predicted.restore(predicted);
  }
}
