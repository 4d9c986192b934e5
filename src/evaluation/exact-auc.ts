import { bug, type Stateful, type StateValue } from '../core/index.js';
import { SortedFloats } from './sorted-floats.js';

/** Counts of rows by score, ascending: [groups] each. */
export interface ScoreGroups {
  readonly scores: Float32Array;
  readonly positives: Uint32Array;
  readonly negatives: Uint32Array;
}

interface ExactAucState {
  readonly [key: string]: StateValue;
  readonly positives: Float32Array;
  readonly negatives: Float32Array;
  readonly twiceU: number;
}

/**
 * Exact area under the ROC curve under insertion and removal (algorithm D.2): keeps
 * 2U = sum over (positive, negative) pairs of 2 [s+ > s-] + [s+ = s-] as an integer, so removals leave no trace.
 * Scores are float32 logits.
 */
export class ExactAuc implements Stateful {
  #positives = new SortedFloats();
  #negatives = new SortedFloats();
  #twiceU = 0;

  get positives(): number {
    return this.#positives.size;
  }

  get negatives(): number {
    return this.#negatives.size;
  }

  /** The integer 2U; safe up to 2^53, that is windows of about 9e7 rows. */
  get twiceU(): number {
    return this.#twiceU;
  }

  add(logit: number, label: 0 | 1): void {
    const score = Math.fround(logit);
    if (label === 1) {
      this.#twiceU += this.#negatives.twiceMidRank(score);
      this.#positives.add(score);
    } else {
      this.#twiceU += 2 * this.#positives.size - this.#positives.twiceMidRank(score);
      this.#negatives.add(score);
    }
  }

  /** Takes back an earlier `add` of the same pair; throws DADIN_BUG when there was none. */
  remove(logit: number, label: 0 | 1): void {
    const score = Math.fround(logit);
    if (label === 1) {
      if (!this.#positives.remove(score)) bug(`no positive with logit ${score} to remove`);
      this.#twiceU -= this.#negatives.twiceMidRank(score);
    } else {
      if (!this.#negatives.remove(score)) bug(`no negative with logit ${score} to remove`);
      this.#twiceU -= 2 * this.#positives.size - this.#positives.twiceMidRank(score);
    }
  }

  /** Null where a class is missing. */
  get auc(): number | null {
    const pairs = this.#positives.size * this.#negatives.size;
    return pairs === 0 ? null : this.#twiceU / (2 * pairs);
  }

  /** Rows of equal score, ascending; O(rows). */
  groups(): ScoreGroups {
    const positives = this.#positives.toArray();
    const negatives = this.#negatives.toArray();
    const most = positives.length + negatives.length;
    const groups = {
      scores: new Float32Array(most),
      positives: new Uint32Array(most),
      negatives: new Uint32Array(most),
    };
    let size = 0;
    let i = 0;
    let j = 0;
    while (i < positives.length || j < negatives.length) {
      const score = Math.min(positives[i] ?? Number.POSITIVE_INFINITY, negatives[j] ?? Number.POSITIVE_INFINITY);
      const fromPositive = i;
      const fromNegative = j;
      while (i < positives.length && positives[i] === score) i++;
      while (j < negatives.length && negatives[j] === score) j++;
      groups.scores[size] = score;
      groups.positives[size] = i - fromPositive;
      groups.negatives[size++] = j - fromNegative;
    }
    return {
      scores: groups.scores.subarray(0, size),
      positives: groups.positives.subarray(0, size),
      negatives: groups.negatives.subarray(0, size),
    };
  }

  snapshot(): StateValue {
    return {
      positives: this.#positives.toArray(),
      negatives: this.#negatives.toArray(),
      twiceU: this.#twiceU,
    } satisfies ExactAucState;
  }

  restore(state: StateValue): void {
    const { positives, negatives, twiceU } = state as ExactAucState;
    this.#positives = new SortedFloats();
    this.#negatives = new SortedFloats();
    for (const score of positives) this.#positives.add(score);
    for (const score of negatives) this.#negatives.add(score);
    this.#twiceU = twiceU;
  }
}

/** Of rows [n] at once; labels 0 or 1. Null where a class is missing. */
export function exactAuc(logits: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const metric = new ExactAuc();
  for (let i = 0; i < labels.length; i++) metric.add(logits[i]!, labels[i] === 1 ? 1 : 0);
  return metric.auc;
}
