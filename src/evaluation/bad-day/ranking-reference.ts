import { COARSE_BINS, logitBin } from '../logit-bins.js';
import type { WatchedRow } from './watched-row.js';

/**
 * Ranks rows against those of the other class among `before`, ties one half. So a slice that is ranked badly does not make
 * the others look worse, as it would if all were ranked among each other.
 */
export class RankingReference {
  /** 1 - AUC of the rows before: the mean of `errorOf` over their clicks, and over the others. */
  readonly error: number;
  /** [class] */
  readonly #weights: readonly [number, number];
  /** [bins] share of the other class on the wrong side of a row, by the row's class */
  readonly #errors = [new Float64Array(COARSE_BINS.bins), new Float64Array(COARSE_BINS.bins)] as const;

  constructor(before: readonly WatchedRow[]) {
    const counts = [new Float64Array(COARSE_BINS.bins), new Float64Array(COARSE_BINS.bins)] as const;
    for (const { logit, label } of before) counts[label][logitBin(logit, COARSE_BINS)]!++;
    const totals = counts.map((each) => each.reduce((sum, n) => sum + n, 0)) as [number, number];
    let negativesBelow = 0;
    let positivesBelow = 0;
    let wrong = 0;
    for (let b = 0; b < COARSE_BINS.bins; b++) {
      const [negatives, positives] = [counts[0][b]!, counts[1][b]!];
      this.#errors[0][b] = (positivesBelow + positives / 2) / totals[1];
      this.#errors[1][b] = 1 - (negativesBelow + negatives / 2) / totals[0];
      wrong += positives * this.#errors[1][b]!;
      negativesBelow += negatives;
      positivesBelow += positives;
    }
    this.error = wrong / totals[1];
    this.#weights = [before.length / totals[0] / 2, before.length / totals[1] / 2];
  }

  /** Share of the other class before on whose wrong side the row is. */
  errorOf({ logit, label }: WatchedRow): number {
    return this.#errors[label][logitBin(logit, COARSE_BINS)]!;
  }

  /** What a row counts, so that both classes weigh the same among the rows before; 1 on average there. */
  weightOf({ label }: WatchedRow): number {
    return this.#weights[label];
  }

  /** How much worse than before the row is ranked; its mean over the rows before is 0, over others the fall of the AUC. */
  excessOf(row: WatchedRow): number {
    return this.weightOf(row) * (this.errorOf(row) - this.error);
  }
}
