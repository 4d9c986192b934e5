import type { Config } from '../src/config/index.js';
import type { RejectedRecord } from '../src/ordering/index.js';
import { DeadLetterFile, MetricsFile, PredictionsFile } from '../src/sinks/index.js';
import { resolvePath } from './assembly.js';
import type { Fold } from './fold.js';
import type { SettledTurn } from './learn.js';
import type { SinkLengths } from './run-state.js';

/** Steps between two lines of the metrics file. */
const METRICS_EVERY_STEPS = 50;

/** The files a run writes besides its checkpoints, as configured; each optional. */
export class RunOutputs {
  readonly #predictions: PredictionsFile | null;
  readonly #deadLetters: DeadLetterFile | null;
  readonly #metrics: MetricsFile | null;
  readonly #keepsLate: boolean;
  readonly #fold: Pick<Fold, 'summary'>;
  readonly #partitions: readonly string[];

  /** Cuts existing files to the lengths they had at the checkpoint, or starts them anew. */
  constructor(
    { sinks, ordering }: Pick<Config, 'sinks' | 'ordering'>,
    baseDirectory: string,
    keep: SinkLengths,
    fold: Pick<Fold, 'summary'>,
    partitions: readonly string[],
  ) {
    const open = <T>(path: string | null, name: string, create: (path: string, keepBytes: number) => T): T | null =>
      path === null ? null : create(resolvePath(path, baseDirectory), keep[name] ?? 0);
    this.#keepsLate = ordering.latePolicy === 'deadLetter';
    this.#fold = fold;
    this.#partitions = partitions;
    this.#predictions = open(sinks.predictions, 'predictions', (path, bytes) => new PredictionsFile(path, bytes));
    this.#deadLetters = open(sinks.deadLetters, 'deadLetters', (path, bytes) => new DeadLetterFile(path, bytes));
    this.#metrics = open(sinks.metrics, 'metrics', (path, bytes) => new MetricsFile(path, bytes));
  }

  reject(records: readonly RejectedRecord[]): void {
    if (this.#deadLetters === null) return;
    for (const { partition, position, bad } of records) {
      if (bad.code === 'DADIN_RECORD_LATE' && !this.#keepsLate) continue;
      this.#deadLetters.write({ partition: this.#partitions[partition] ?? String(partition), position, bad });
    }
  }

  settled({ turn, report, predictions }: SettledTurn): void {
    this.#predictions?.write(predictions);
    if (this.#metrics !== null && report !== null && report.step % METRICS_EVERY_STEPS === 0) {
      this.#metrics.write({
        eventTimeMs: turn.eventTimeMs,
        events: turn.events, // not the fold's count, which has run ahead by now
        report,
        domains: this.#fold.summary(),
      });
    }
  }

  lengths(): SinkLengths {
    return Object.fromEntries(
      Object.entries({
        predictions: this.#predictions,
        deadLetters: this.#deadLetters,
        metrics: this.#metrics,
      }).flatMap(([name, file]) => (file === null ? [] : [[name, file.length()]])),
    );
  }

  close(): void {
    for (const file of [this.#predictions, this.#deadLetters, this.#metrics]) file?.close();
  }
}
