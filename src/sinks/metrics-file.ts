import { AppendedFile } from './appended-file.js';
import { type MetricsRecord, metricsJson } from './metrics-record.js';

/** Metrics as JSON Lines, one record every so many steps. */
export class MetricsFile {
  readonly #file: AppendedFile;

  constructor(path: string, keepBytes: number) {
    this.#file = new AppendedFile(path, keepBytes);
  }

  write(record: MetricsRecord): void {
    this.#file.write(`${metricsJson(record)}\n`);
  }

  length(): number {
    return this.#file.length();
  }

  close(): void {
    this.#file.close();
  }
}
