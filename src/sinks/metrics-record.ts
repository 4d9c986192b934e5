import type { StepReport } from '../core/index.js';

export interface MetricsRecord {
  readonly eventTimeMs: number;
  readonly events: number;
  readonly report: StepReport;
  /** Metrics of each domain as the evaluation sums them up. */
  readonly domains: unknown;
}

/** The learner's step report beside the metrics of each domain, as one JSON object. */
export function metricsJson({ eventTimeMs, events, report, domains }: MetricsRecord): string {
  return JSON.stringify({ ...report, events, eventTimeMs, domains });
}
