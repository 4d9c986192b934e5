import type { StepReport } from '../core/index.js';
import { AppendedFile } from './appended-file.js';

export interface MetricsRecord {
  readonly eventTimeMs: number;
  readonly events: number;
  readonly report: StepReport;
  /** Metrics of each domain as the evaluation sums them up. */
  readonly domains: unknown;
}

/** Metrics as JSON Lines, one record every so many steps; the learner's step report beside the metrics of each domain. */
export class MetricsFile {
  readonly #file: AppendedFile;

  constructor(path: string, keepBytes: number) {
    this.#file = new AppendedFile(path, keepBytes);
  }

  write({ eventTimeMs, events, report, domains }: MetricsRecord): void {
    this.#file.write(`${JSON.stringify({ ...report, events, eventTimeMs, domains })}\n`);
  }

  length(): number {
    return this.#file.length();
  }

  close(): void {
    this.#file.close();
  }
}
