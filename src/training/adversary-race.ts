import { DOMAIN_CODE, type RaceReport, type SampleBatch, type Stateful, type StateValue } from '../core/index.js';

/** Target rows that the choice looks back on, as the mean age of their weights. */
const MEMORY_ROWS = 4000;
/** Rows before the first choice is made. */
const MIN_ROWS = 1000;
/** Standard errors by which the model with the adversary must be ahead before it takes over. */
const TAKE_OVER = 2;

/**
 * Judges a model with the adversary against one without it by the paired difference of their log losses on target rows,
 * each taken before the row is learned. Starts without: on streams of id features the adversary is rarely a gain
 * (algorithm A.4). It takes over when its recent gain exceeds two standard errors, and goes when its recent gain is gone.
 */
export class AdversaryRace implements Stateful {
  #withAdversary = false;
  #rows = 0;
  /** Sums over the whole run. */
  #sum = 0;
  #squares = 0;
  /** Fading sums: weight, weight squared, difference, difference squared. */
  #recent = new Float64Array(4);

  /** Whether to score with the adversary's model. */
  get withAdversary(): boolean {
    return this.#withAdversary;
  }

  /** Predicted probabilities [B] of both models for the same rows, before the step. */
  observe({ size, domain, label, weight }: SampleBatch, withAdversary: Float64Array, without: Float64Array): void {
    const keep = 1 - 1 / MEMORY_ROWS;
    const recent = this.#recent;
    for (let i = 0; i < size; i++) {
      if (domain[i] !== DOMAIN_CODE.target) continue;
      const gain = weight[i]! * (logLoss(without[i]!, label[i]!) - logLoss(withAdversary[i]!, label[i]!));
      if (!Number.isFinite(gain)) continue; // the guard discards that step
      this.#rows++;
      this.#sum += gain;
      this.#squares += gain * gain;
      recent[0] = keep * recent[0]! + 1;
      recent[1] = keep * keep * recent[1]! + 1;
      recent[2] = keep * recent[2]! + gain;
      recent[3] = keep * recent[3]! + gain * gain;
    }
    if (this.#rows < MIN_ROWS) return;
    const mean = recent[2]! / recent[0]!;
    const variance = Math.max(0, recent[3]! / recent[0]! - mean * mean);
    const standardError = Math.sqrt(variance * recent[1]!) / recent[0]!;
    this.#withAdversary = this.#withAdversary ? mean > 0 : mean > TAKE_OVER * standardError;
  }

  report(): RaceReport {
    const n = this.#rows;
    const mean = n < 2 ? null : this.#sum / n;
    const halfWidth = mean === null ? 0 : 1.96 * Math.sqrt(Math.max(0, this.#squares / n - mean * mean) / (n - 1));
    return {
      adversary: this.#withAdversary,
      recentGain: this.#recent[0] === 0 ? 0 : this.#recent[2]! / this.#recent[0]!,
      gain: mean,
      gainLow: mean === null ? null : mean - halfWidth,
      gainHigh: mean === null ? null : mean + halfWidth,
    };
  }

  snapshot(): StateValue {
    return {
      withAdversary: this.#withAdversary,
      rows: this.#rows,
      sum: this.#sum,
      squares: this.#squares,
      recent: this.#recent.slice(),
    };
  }

  restore(state: StateValue): void {
    const s = state as { withAdversary: boolean; rows: number; sum: number; squares: number; recent: Float64Array };
    this.#withAdversary = s.withAdversary;
    this.#rows = s.rows;
    this.#sum = s.sum;
    this.#squares = s.squares;
    this.#recent = s.recent.slice();
  }
}

function logLoss(prediction: number, label: number): number {
  return -Math.log(Math.max(label === 1 ? prediction : 1 - prediction, 1e-12));
}
