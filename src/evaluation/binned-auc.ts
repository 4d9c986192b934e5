import { bug, type Stateful, type StateValue } from '../core/index.js';
import { averagePrecision } from './average-precision.js';
import { type LogitBins, logitBin, sameBins } from './logit-bins.js';
import { Placements } from './placements.js';

/** Null where a class is missing. */
export interface AucSummary {
  readonly auc: number | null;
  /** |auc - exact AUC| is at most this. */
  readonly aucBound: number | null;
  /** DeLong's standard error; null with fewer than two rows of a class. */
  readonly aucSe: number | null;
  readonly rows: number;
  readonly positives: number;
}

interface BinnedAucState {
  readonly [key: string]: StateValue;
  readonly positives: Uint32Array;
  readonly negatives: Uint32Array;
}

/**
 * Area under the ROC curve over a histogram of logits (algorithm D.2): O(1) per row, removal exact, mergeable across
 * partitions by adding histograms. `aucBound` limits the distance to the exact value whatever the scores were.
 */
export class BinnedAuc implements Stateful {
  readonly #bins: LogitBins;
  /** [bins] counts by bin of ascending logit */
  #positiveCounts: Uint32Array;
  #negativeCounts: Uint32Array;
  #positives = 0;
  #negatives = 0;

  constructor(bins: LogitBins) {
    this.#bins = bins;
    this.#positiveCounts = new Uint32Array(bins.bins);
    this.#negativeCounts = new Uint32Array(bins.bins);
  }

  add(logit: number, label: 0 | 1): void {
    const bin = logitBin(logit, this.#bins);
    if (label === 1) {
      this.#positiveCounts[bin]!++;
      this.#positives++;
    } else {
      this.#negativeCounts[bin]!++;
      this.#negatives++;
    }
  }

  /** Takes back an earlier `add` of the same pair; throws DADIN_BUG when its bin is empty. */
  remove(logit: number, label: 0 | 1): void {
    const bin = logitBin(logit, this.#bins);
    const counts = label === 1 ? this.#positiveCounts : this.#negativeCounts;
    if (counts[bin] === 0) bug(`no row of label ${label} with logit ${logit} to remove`);
    counts[bin]!--;
    if (label === 1) this.#positives--;
    else this.#negatives--;
  }

  /** Adds the rows of another histogram with the same bins. */
  merge(other: BinnedAuc): void {
    if (!sameBins(other.#bins, this.#bins)) bug('merging histograms of different bins');
    for (let b = 0; b < this.#bins.bins; b++) {
      this.#positiveCounts[b]! += other.#positiveCounts[b]!;
      this.#negativeCounts[b]! += other.#negativeCounts[b]!;
    }
    this.#positives += other.#positives;
    this.#negatives += other.#negatives;
  }

  /** In one pass over the bins. */
  summary(): AucSummary {
    const placements = new Placements(this.#positives, this.#negatives);
    for (let b = 0; b < this.#bins.bins; b++) {
      const positives = this.#positiveCounts[b]!;
      const negatives = this.#negativeCounts[b]!;
      if (positives + negatives > 0) placements.add(positives, negatives);
    }
    return {
      auc: placements.auc,
      aucBound: placements.tieBound,
      aucSe: placements.standardError,
      rows: this.#positives + this.#negatives,
      positives: this.#positives,
    };
  }

  /** Average precision with a bin's rows taken as ties; null without positives. */
  averagePrecision(): number | null {
    return averagePrecision(this.#positiveCounts, this.#negativeCounts);
  }

  snapshot(): StateValue {
    return {
      positives: this.#positiveCounts.slice(),
      negatives: this.#negativeCounts.slice(),
    } satisfies BinnedAucState;
  }

  restore(state: StateValue): void {
    const { positives, negatives } = state as BinnedAucState;
    this.#positiveCounts = positives.slice();
    this.#negativeCounts = negatives.slice();
    this.#positives = positives.reduce((sum, count) => sum + count, 0);
    this.#negatives = negatives.reduce((sum, count) => sum + count, 0);
  }
}
