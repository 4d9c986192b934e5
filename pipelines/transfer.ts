import { DOMAIN_CODE, type Item, type Sample, type StateValue, type TrainingRow } from '../src/core/index.js';
import type { TransferLedger, TransferReport } from '../src/evaluation/index.js';
import { LinearPart } from '../src/linear/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../src/statistics/index.js';
import type { FoldOptions } from './fold-options.js';

const NO_CLICKS: readonly Item[] = [];

const TARGET = DOMAIN_CODE.target;

/**
 * The fold's part of the transfer ledger: inputs of a twin that learns the target alone (counters and a linear part of its
 * own; histories of the target are the same for both), the scores of both, and which of them is served.
 */
export class Transfer {
  readonly #statistics: ClickStatistics | null;
  readonly #linear: LinearPart | null;
  readonly #ledger: TransferLedger;

  constructor({ statistics, linear }: FoldOptions, ledger: TransferLedger) {
    this.#statistics = statistics === null ? null : new ClickStatistics(statistics);
    this.#linear = linear === null ? null : new LinearPart(linear);
    this.#ledger = ledger;
  }

  /** As `PointInTime.advance`. */
  advance(timeMs: number): void {
    this.#statistics?.advance(timeMs);
  }

  /** What the twin knows of a target impression before it. */
  freeze(sample: Sample): void {
    if (sample.domain !== TARGET) return;
    const dense = new Float32Array(this.#statistics === null ? 0 : STATISTICS_COLUMNS.length);
    this.#statistics?.read(TARGET, sample.userFeatureIds, sample.item.featureIds, dense, 0);
    const offset = Math.fround(this.#linear?.predict(withoutSource(sample), dense) ?? 0);
    sample.targetOnly = { dense, offset, logitWith: Number.NaN, logitWithout: Number.NaN };
  }

  learnRow({ sample, label, weight }: TrainingRow): void {
    if (this.#linear === null || sample.targetOnly === null) return;
    this.#linear.learn(withoutSource(sample), sample.targetOnly.dense, label, weight);
  }

  /** The label is final. */
  learn({ domain, userFeatureIds, item, label }: Sample): void {
    if (domain === TARGET) this.#statistics?.update(domain, userFeatureIds, item.featureIds, label === 1);
  }

  /** Keeps both logits of an impression; gives the one that is served. */
  served(sample: Sample, logitWith: number, logitWithout: number): number {
    const view = sample.targetOnly;
    if (view === null) return logitWith;
    view.logitWith = logitWith;
    view.logitWithout = logitWithout;
    return this.#ledger.transfer ? logitWith : logitWithout;
  }

  /** A scored impression's label is final. */
  judge({ targetOnly: view, label, coldUser, eventTimeMs }: Sample): void {
    if (view === null) return;
    this.#ledger.add({
      logitWith: view.logitWith,
      logitWithout: view.logitWithout,
      label,
      coldUser,
      eventTimeMs,
    });
  }

  /** As of the ledger's last look. */
  get lastReport(): TransferReport | null {
    return this.#ledger.lastReport;
  }

  report(): TransferReport {
    return this.#ledger.report();
  }

  snapshot(): StateValue {
    return {
      statistics: this.#statistics?.snapshot() ?? null,
      linear: this.#linear?.snapshot() ?? null,
      ledger: this.#ledger.snapshot(),
    };
  }

  restore(state: StateValue): void {
    const s = state as Readonly<Record<string, StateValue>>;
    this.#statistics?.restore(s['statistics']!);
    this.#linear?.restore(s['linear']!);
    this.#ledger.restore(s['ledger']!);
  }
}

function withoutSource(sample: Sample): Sample {
  return { ...sample, historySource: NO_CLICKS };
}
