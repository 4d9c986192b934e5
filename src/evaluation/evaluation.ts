import type { Domain, Stateful, StateValue } from '../core/index.js';
import { DomainMetrics, type DomainMetricsOptions, type DomainSummary, type ScoredRow } from './domain-metrics.js';
import type { DriftWatchOptions } from './drift/drift-watch.js';

export interface EvaluationOptions extends Omit<DomainMetricsOptions, 'drift'> {
  readonly drift?: Readonly<Record<Domain, DriftWatchOptions>>;
}

export type EvaluationSummary = Readonly<Record<Domain, DomainSummary>>;

interface EvaluationState {
  readonly [key: string]: StateValue;
  readonly target: StateValue;
  readonly source: StateValue;
}

/** Prequential metrics of both domains: every row was scored before it was learned from (algorithm D.1). */
export class Evaluation implements Stateful {
  readonly #metrics: Readonly<Record<Domain, DomainMetrics>>;

  constructor(options: EvaluationOptions) {
    const { drift, ...shared } = options;
    const of = (domain: Domain) =>
      new DomainMetrics(drift === undefined ? shared : { ...shared, drift: drift[domain] });
    this.#metrics = { target: of('target'), source: of('source') };
  }

  /** True when the row raises a drift alarm. */
  update(domain: Domain, row: ScoredRow): boolean {
    return this.#metrics[domain].update(row);
  }

  /** A late label; `row` as it was counted (see DomainMetrics.restate). */
  restate(domain: Domain, row: ScoredRow): void {
    this.#metrics[domain].restate(row);
  }

  /** Rows counted whose label may still be put right. */
  provisional(domain: Domain, rows: number): void {
    this.#metrics[domain].provisional = rows;
  }

  /** The domain's rolling AUC in constant time; null where its window lacks a class. */
  rollingAuc(domain: Domain): number | null {
    return this.#metrics[domain].rollingAuc;
  }

  summary(): EvaluationSummary {
    return { target: this.#metrics.target.summary(), source: this.#metrics.source.summary() };
  }

  snapshot(): StateValue {
    return {
      target: this.#metrics.target.snapshot(),
      source: this.#metrics.source.snapshot(),
    } satisfies EvaluationState;
  }

  restore(state: StateValue): void {
    const { target, source } = state as EvaluationState;
    this.#metrics.target.restore(target);
    this.#metrics.source.restore(source);
  }
}
