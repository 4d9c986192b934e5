import type { Config } from '../src/config/index.js';
import type { RejectedRecord } from '../src/ordering/index.js';
import { DeadLetterFile, MetricsFile, PredictionsFile } from '../src/sinks/index.js';
import { DeadLetterTopic, type KafkaPublisher, MetricsTopic, PredictionsTopic } from '../src/sinks/kafka/index.js';
import { resolvePath } from './assembly.js';
import type { Fold } from './fold.js';
import type { SettledTurn } from './learn.js';
import type { SinkLengths } from './run-state.js';

/** Steps between two lines of the metrics file. */
const METRICS_EVERY_STEPS = 50;

type Publisher = Pick<KafkaPublisher, 'add' | 'room' | 'flushed'>;

/** The files and topics a run writes besides its checkpoints, as configured; each optional. */
export class RunOutputs {
  readonly #predictions: PredictionsFile | null;
  readonly #deadLetters: DeadLetterFile | null;
  readonly #metrics: MetricsFile | null;
  readonly #publisher: Publisher | null;
  #topics: {
    readonly predictions: PredictionsTopic | null;
    readonly deadLetters: DeadLetterTopic | null;
    readonly metrics: MetricsTopic | null;
  };
  readonly #keepsLate: boolean;
  readonly #fold: Pick<Fold, 'summary' | 'badDays' | 'versions' | 'transfer'>;
  readonly #partitions: readonly string[];

  /** Cuts existing files to the lengths they had at the checkpoint, or starts them anew. */
  constructor(
    { sinks, ordering }: Pick<Config, 'sinks' | 'ordering'>,
    baseDirectory: string,
    keep: SinkLengths,
    fold: Pick<Fold, 'summary' | 'badDays' | 'versions' | 'transfer'>,
    partitions: readonly string[],
    publisher: Publisher | null = null,
  ) {
    const open = <T>(path: string | null, name: string, create: (path: string, keepBytes: number) => T): T | null =>
      path === null ? null : create(resolvePath(path, baseDirectory), keep[name] ?? 0);
    this.#keepsLate = ordering.latePolicy === 'deadLetter';
    this.#fold = fold;
    this.#partitions = partitions;
    this.#predictions = open(sinks.predictions, 'predictions', (path, bytes) => new PredictionsFile(path, bytes));
    this.#deadLetters = open(sinks.deadLetters, 'deadLetters', (path, bytes) => new DeadLetterFile(path, bytes));
    this.#metrics = open(sinks.metrics, 'metrics', (path, bytes) => new MetricsFile(path, bytes));
    this.#publisher = publisher;
    const { predictionsTopic, deadLetterTopic, metricsTopic } = sinks.kafka;
    const topic = <T>(name: string | null, create: (publisher: Publisher, name: string) => T): T | null =>
      name === null || publisher === null ? null : create(publisher, name);
    this.#topics = {
      predictions: topic(predictionsTopic, (to, name) => new PredictionsTopic(to, name)),
      deadLetters: topic(deadLetterTopic, (to, name) => new DeadLetterTopic(to, name)),
      metrics: topic(metricsTopic, (to, name) => new MetricsTopic(to, name)),
    };
  }

  reject(records: readonly RejectedRecord[]): void {
    for (const { partition, position, bad } of records) {
      if (bad.code === 'DADIN_RECORD_LATE' && !this.#keepsLate) continue;
      const letter = { partition: this.#partitions[partition] ?? String(partition), position, bad };
      this.#deadLetters?.write(letter);
      this.#topics.deadLetters?.write(letter);
    }
  }

  settled({ turn, report, predictions }: SettledTurn): void {
    this.#predictions?.write(predictions);
    this.#topics.predictions?.write(predictions);
    const { metrics } = this.#topics;
    if ((this.#metrics === null && metrics === null) || report === null || report.step % METRICS_EVERY_STEPS !== 0)
      return;
    const record = {
      eventTimeMs: turn.eventTimeMs,
      events: turn.events, // not the fold's count, which has run ahead by now
      report,
      domains: this.#fold.summary(),
      badDays: this.#fold.badDays.cards,
      versions: this.#fold.versions.summary(),
      transfer: this.#fold.transfer?.lastReport ?? null,
    };
    this.#metrics?.write(record);
    metrics?.write(record);
  }

  /** Resolves once little enough waits to be published. */
  async room(): Promise<void> {
    await this.#publisher?.room();
  }

  /**
   * Resolves once everything written so far is published. What comes later goes to files only: they are cut when the run is
   * resumed, while a topic keeps what was said, such as the label of an impression whose click had no time to come.
   */
  async endTopics(): Promise<void> {
    await this.#publisher?.flushed();
    this.#topics = { predictions: null, deadLetters: null, metrics: null };
  }

  /** For a checkpoint, which relies on everything before it being on the disk, and published. */
  async lengths(): Promise<SinkLengths> {
    await this.#publisher?.flushed();
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
