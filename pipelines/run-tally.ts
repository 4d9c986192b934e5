import { type Domain, domainOf, type EventSource, type StepReport } from '../src/core/index.js';
import type { RejectedRecord } from '../src/ordering/index.js';
import type { DeadLetterExample, RunReading } from '../src/telemetry/run-reading.js';
import { Mean, StepTally } from '../src/telemetry/step-tally.js';
import type { ControlOutcome } from './control.js';
import type { SettledTurn } from './learn.js';
import type { PublishOutcome } from './publish.js';

const KEPT_EXAMPLES = 20;

/** What the process has counted since it started, and means since the last take. */
export class RunTally {
  readonly counts = {
    trained: 0,
    discarded: 0,
    restored: 0,
    consumed: 0,
    checkpoints: 0,
    published: 0,
    refused: 0,
    controls: 0,
    controlsRefused: 0,
  };
  /** Records not learned from, newest last. */
  readonly examples: DeadLetterExample[] = [];
  readonly #rows: Record<Domain, { scored: number; judged: number; clicked: number }> = {
    target: { scored: 0, judged: 0, clicked: 0 },
    source: { scored: 0, judged: 0, clicked: 0 },
  };
  readonly #deadLetters: Record<string, number> = {};
  readonly #steps = new StepTally();
  readonly #scoreMs = new Mean();
  readonly #historyLength = { target: new Mean(), source: new Mean() };
  #race: RunReading['race'] = null;

  scored(milliseconds: number): void {
    this.#scoreMs.add(milliseconds);
  }

  trained(report: StepReport, milliseconds: number): void {
    this.#steps.add(report, milliseconds);
  }

  turn({ turn, report }: SettledTurn): void {
    for (const sample of turn.score) {
      this.#rows[domainOf(sample.domain)].scored++;
      this.#historyLength.target.add(sample.historyTarget.length);
      this.#historyLength.source.add(sample.historySource.length);
    }
    for (const sample of turn.matured) {
      const rows = this.#rows[domainOf(sample.domain)];
      rows.judged++;
      if (sample.label === 1) rows.clicked++;
    }
    if (report === null) return;
    this.counts.trained += report.rows;
    if (report.discarded) this.counts.discarded++;
    if (report.restored) this.counts.restored++;
    if (report.race !== null) this.#race = report.race;
  }

  rejected(records: readonly RejectedRecord[], { partitions }: EventSource): void {
    for (const { partition, position, bad } of records) {
      this.#deadLetters[bad.code] = (this.#deadLetters[bad.code] ?? 0) + 1;
      const name = partitions[partition]?.name ?? String(partition);
      this.examples.push({ partition: name, position: String(position), code: bad.code, reason: bad.reason });
    }
    if (this.examples.length > KEPT_EXAMPLES) this.examples.splice(0, this.examples.length - KEPT_EXAMPLES);
  }

  published(outcome: PublishOutcome): void {
    if ('refused' in outcome) this.counts.refused++;
    else this.counts.published++;
  }

  controlled(outcome: ControlOutcome): void {
    if ('refused' in outcome) this.counts.controlsRefused++;
    else this.counts.controls++;
  }

  take(): Pick<RunReading, 'rows' | 'deadLetters' | 'step' | 'scoreMs' | 'historyLength' | 'race'> {
    return {
      rows: { target: { ...this.#rows.target }, source: { ...this.#rows.source } },
      deadLetters: { ...this.#deadLetters },
      step: this.#steps.take(),
      scoreMs: this.#scoreMs.take(),
      historyLength: { target: this.#historyLength.target.take(), source: this.#historyLength.source.take() },
      race: this.#race,
    };
  }
}
