import { DOMAINS, type Domain, type Stateful, type StateValue } from '../core/index.js';
import { BinnedAuc } from './binned-auc.js';
import { CompensatedSum } from './compensated-sum.js';
import type { JudgedRow } from './judged-row.js';
import { COARSE_BINS } from './logit-bins.js';

/** Of the rows of one domain judged since a place in the stream. */
export interface FreshFigures {
  readonly rows: number;
  readonly positives: number;
  /** Sum of the predicted probabilities. */
  readonly predicted: number;
  readonly auc: number | null;
  readonly aucSe: number | null;
  /** The newest rows of all, at most 48. */
  readonly newest: { readonly rows: number; readonly positives: number };
}

/** Few, so that a fault that has just begun fills them; as many as show a rate. */
const NEWEST = 48;

/** Rows judged since a model version was due last: what a gate sees of a fault before the rolling window is full of it. */
export class FreshRows implements Stateful {
  #domains = newDomains();
  /** Labels of the newest rows, the newest last. */
  #newest: Record<Domain, (0 | 1)[]> = { target: [], source: [] };

  add(domain: Domain, { logit, label, probability }: JudgedRow): void {
    const { auc, predicted } = this.#domains[domain];
    auc.add(logit, label);
    predicted.add(probability);
    const newest = this.#newest[domain];
    newest.push(label);
    if (newest.length > NEWEST) newest.shift();
  }

  /** A version is due: rows count from here. */
  clear(): void {
    this.#domains = newDomains();
  }

  summary(): Readonly<Record<Domain, FreshFigures>> {
    const of = (domain: Domain): FreshFigures => {
      const { auc, predicted } = this.#domains[domain];
      const { rows, positives, auc: value, aucSe } = auc.summary();
      const labels = this.#newest[domain];
      const newest = { rows: labels.length, positives: labels.filter((label) => label === 1).length };
      return { rows, positives, predicted: predicted.value, auc: value, aucSe, newest };
    };
    return { target: of('target'), source: of('source') };
  }

  snapshot(): StateValue {
    return DOMAINS.map((domain) => {
      const { auc, predicted } = this.#domains[domain];
      return { auc: auc.snapshot(), predicted: predicted.snapshot(), newest: Uint8Array.from(this.#newest[domain]) };
    });
  }

  restore(state: StateValue): void {
    this.clear();
    for (const [k, domain] of DOMAINS.entries()) {
      const { auc, predicted, newest } = (state as unknown as readonly DomainState[])[k]!;
      this.#newest[domain] = Array.from(newest, (label) => (label === 1 ? 1 : 0));
      this.#domains[domain].auc.restore(auc);
      this.#domains[domain].predicted.restore(predicted);
    }
  }
}

interface DomainState {
  readonly auc: StateValue;
  readonly predicted: StateValue;
  readonly newest: Uint8Array;
}

function newDomains() {
  const of = () => ({ auc: new BinnedAuc(COARSE_BINS), predicted: new CompensatedSum() });
  return { target: of(), source: of() };
}
