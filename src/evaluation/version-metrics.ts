import { DOMAINS, type Domain, type Stateful, type StateValue } from '../core/index.js';
import { type AucSummary, BinnedAuc } from './binned-auc.js';
import type { LogitBins } from './logit-bins.js';

export interface VersionSummary {
  readonly version: number;
  readonly target: AucSummary;
  readonly source: AucSummary;
}

interface VersionMetricsState {
  readonly [key: string]: StateValue;
  readonly versions: readonly (readonly [number, StateValue, StateValue])[];
}

const BINS: LogitBins = { bins: 1024, clip: 12 };

/** AUC by the model version that scored the row, for the newest `keep` versions: what a gate compares. */
export class VersionMetrics implements Stateful {
  readonly #keep: number;
  #versions = new Map<number, Readonly<Record<Domain, BinnedAuc>>>();

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Rows of versions older than the newest `keep` are left out. */
  add(version: number, domain: Domain, logit: number, label: 0 | 1): void {
    let metrics = this.#versions.get(version);
    if (metrics === undefined) {
      if (this.#versions.size === this.#keep) {
        const oldest = Math.min(...this.#versions.keys());
        if (version < oldest) return;
        this.#versions.delete(oldest);
      }
      metrics = { target: new BinnedAuc(BINS), source: new BinnedAuc(BINS) };
      this.#versions.set(version, metrics);
    }
    metrics[domain].add(logit, label);
  }

  /** Oldest version first. */
  summary(): VersionSummary[] {
    return [...this.#versions]
      .sort(([a], [b]) => a - b)
      .map(([version, { target, source }]) => ({ version, target: target.summary(), source: source.summary() }));
  }

  snapshot(): StateValue {
    const versions = [...this.#versions].map(
      ([version, metrics]) => [version, metrics.target.snapshot(), metrics.source.snapshot()] as const,
    );
    return { versions } satisfies VersionMetricsState;
  }

  restore(state: StateValue): void {
    const { versions } = state as VersionMetricsState;
    this.#versions = new Map();
    for (const [version, target, source] of versions) {
      const metrics = { target: new BinnedAuc(BINS), source: new BinnedAuc(BINS) };
      for (const domain of DOMAINS) metrics[domain].restore(domain === 'target' ? target : source);
      this.#versions.set(version, metrics);
    }
  }
}
