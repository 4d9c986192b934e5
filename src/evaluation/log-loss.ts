import type { Stateful, StateValue } from '../core/index.js';
import { CompensatedSum } from './compensated-sum.js';

/** Cross entropy of one row from its logit, in nats: softplus(logit) - label * logit, finite for every finite logit. */
export function crossEntropy(logit: number, label: 0 | 1): number {
  return Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - label * logit;
}

/** Entropy of a Bernoulli variable in nats; 0 at 0 and 1. */
export function bernoulliEntropy(rate: number): number {
  return rate <= 0 || rate >= 1 ? 0 : -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate);
}

interface LogLossState {
  readonly [key: string]: StateValue;
  readonly rows: number;
  readonly positives: number;
  readonly sum: StateValue;
}

/** Mean cross entropy and its ratio to the click rate's entropy. */
export class LogLoss implements Stateful {
  #rows = 0;
  #positives = 0;
  readonly #sum = new CompensatedSum();

  get rows(): number {
    return this.#rows;
  }

  get positives(): number {
    return this.#positives;
  }

  add(logit: number, label: 0 | 1): void {
    this.addLoss(crossEntropy(Math.fround(logit), label), label);
  }

  /** A row whose cross entropy is known. */
  addLoss(nats: number, label: 0 | 1): void {
    this.#rows++;
    this.#positives += label;
    this.#sum.add(nats);
  }

  remove(logit: number, label: 0 | 1): void {
    this.#rows--;
    this.#positives -= label;
    this.#sum.add(-crossEntropy(Math.fround(logit), label));
  }

  /** Nats a row; null without rows. */
  get mean(): number | null {
    return this.#rows === 0 ? null : this.#sum.value / this.#rows;
  }

  /**
   * Normalized entropy (He et al. 2014): mean log loss over the entropy of the rows' own click rate. Below 1 beats
   * predicting the base rate; null where a class is missing.
   */
  get normalizedEntropy(): number | null {
    if (this.#positives === 0 || this.#positives === this.#rows) return null;
    return this.#sum.value / this.#rows / bernoulliEntropy(this.#positives / this.#rows);
  }

  merge(other: LogLoss): void {
    this.#rows += other.#rows;
    this.#positives += other.#positives;
    this.#sum.add(other.#sum.value);
  }

  snapshot(): StateValue {
    return { rows: this.#rows, positives: this.#positives, sum: this.#sum.snapshot() } satisfies LogLossState;
  }

  restore(state: StateValue): void {
    const { rows, positives, sum } = state as LogLossState;
    this.#rows = rows;
    this.#positives = positives;
    this.#sum.restore(sum);
  }
}
