import type { Stateful, StateValue } from '../core/index.js';
import { sigmoid } from './calibration.js';
import { CompensatedSum } from './compensated-sum.js';

/** Expected calibration error over `bins` equal bins of the predicted probability: sum |predicted - clicks| / rows. */
export class EqualWidthEce implements Stateful {
  readonly #gaps: readonly CompensatedSum[];
  #rows = 0;

  constructor(bins: number) {
    this.#gaps = Array.from({ length: bins }, () => new CompensatedSum());
  }

  add(logit: number, label: 0 | 1): void {
    const probability = sigmoid(Math.fround(logit));
    const bin = Math.min(this.#gaps.length - 1, Math.floor(probability * this.#gaps.length));
    this.#gaps[bin]!.add(probability - label);
    this.#rows++;
  }

  /** Null without rows. */
  get value(): number | null {
    if (this.#rows === 0) return null;
    let total = 0;
    for (const gap of this.#gaps) total += Math.abs(gap.value);
    return total / this.#rows;
  }

  snapshot(): StateValue {
    return [this.#rows, this.#gaps.map((gap) => gap.snapshot())];
  }

  restore(state: StateValue): void {
    const [rows, gaps] = state as readonly [number, readonly StateValue[]];
    this.#rows = rows;
    this.#gaps.forEach((gap, i) => {
      gap.restore(gaps[i]!);
    });
  }
}
