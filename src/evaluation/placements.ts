/**
 * What the area under the curve and its DeLong variance are made of. Groups are rows of equal score, in ascending order
 * of the score; a positive's placement is the share of negatives below it, ties counted one half (and vice versa).
 */
export class Placements {
  readonly positives: number;
  readonly negatives: number;
  #below = 0;
  #pairs = 0;
  #ties = 0;
  #squares1 = 0;
  #squares0 = 0;
  #seenPositives = 0;

  /** Totals are needed before the first group. */
  constructor(positives: number, negatives: number) {
    this.positives = positives;
    this.negatives = negatives;
  }

  add(positives: number, negatives: number): void {
    const placement1 = (this.#below + 0.5 * negatives) / this.negatives;
    const placement0 = (this.positives - this.#seenPositives - 0.5 * positives) / this.positives;
    this.#pairs += positives * placement1;
    this.#ties += positives * negatives;
    this.#squares1 += positives * placement1 * placement1;
    this.#squares0 += negatives * placement0 * placement0;
    this.#below += negatives;
    this.#seenPositives += positives;
  }

  /** Area under the ROC curve, ties one half; null where a class is missing. */
  get auc(): number | null {
    return this.positives === 0 || this.negatives === 0 ? null : this.#pairs / this.positives;
  }

  /** Half the share of tied pairs: no finer score can move the AUC further than this. */
  get tieBound(): number | null {
    return this.positives === 0 || this.negatives === 0 ? null : (0.5 * this.#ties) / this.positives / this.negatives;
  }

  /**
   * Standard error after DeLong, DeLong and Clarke-Pearson 1988: S10/P + S01/N from the placements' sample variances.
   * Null with fewer than two rows of a class.
   */
  get standardError(): number | null {
    const auc = this.auc;
    const { positives, negatives } = this;
    if (auc === null || positives < 2 || negatives < 2) return null;
    const s10 = Math.max(0, this.#squares1 - positives * auc * auc) / (positives - 1);
    const s01 = Math.max(0, this.#squares0 - negatives * auc * auc) / (negatives - 1);
    return Math.sqrt(s10 / positives + s01 / negatives);
  }
}

/** DeLong's standard error of rows counted by ascending score; null with fewer than two rows of a class. */
export function aucStandardError(positives: Uint32Array, negatives: Uint32Array): number | null {
  const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
  const placements = new Placements(sum(positives), sum(negatives));
  for (let g = 0; g < positives.length; g++) placements.add(positives[g]!, negatives[g]!);
  return placements.standardError;
}
