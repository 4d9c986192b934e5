import type { StepReport } from '../core/index.js';

export interface MetricsRecord {
  readonly eventTimeMs: number;
  readonly events: number;
  readonly report: StepReport;
  /** Metrics of each domain as the evaluation sums them up. */
  readonly domains: unknown;
  /** Why the ranking of a domain fell, each time it did. */
  readonly badDays: unknown;
  /** Figures by published model version; null before the first. */
  readonly versions: unknown;
  /** What the source domain brings, as of the ledger's last look; null without a ledger. */
  readonly transfer: unknown;
}

/** The learner's step report beside the metrics of each domain, as one JSON object. */
export function metricsJson({ report, transfer, ...record }: MetricsRecord): string {
  return JSON.stringify({ ...report, ...record, ...(transfer === null ? {} : { transfer }) });
}
