import { bug, type Stateful, type StateValue } from '../core/index.js';
import { DriftWatch, type DriftWatchOptions, type DriftWatchSummary } from './drift/drift-watch.js';
import { judgedRow } from './judged-row.js';
import { RollingMetrics, type RollingSummary } from './rolling-metrics.js';
import type { WindowPolicy } from './row-window.js';
import { SliceMetrics, type SliceSummary } from './slice-metrics.js';

/** A matured row: the logit of the impression (never scored again) and its final label. */
export interface ScoredRow {
  readonly userId: string;
  /** Finite; counted as float32. */
  readonly logit: number;
  readonly label: 0 | 1;
  readonly eventTimeMs: number;
  readonly coldUser: boolean;
  readonly newItem: boolean;
}

export interface DomainSummary extends SliceSummary {
  readonly window: RollingSummary;
  readonly cold: SliceSummary;
  readonly warm: SliceSummary;
  readonly newItem: SliceSummary;
  /** Rows whose label came after they had been counted, and was put right. */
  readonly restated: number;
  /** Whether a late click may still put some of the figures right; they are final otherwise. */
  readonly provisional: boolean;
  /** Rows without a click that may still be put right. */
  readonly provisionalRows: number;
  readonly drift: DriftWatchSummary;
}

export interface DomainMetricsOptions {
  readonly window: WindowPolicy;
  /** Bins of the whole-run AUC over logits from -12 to 12; beyond, all scores are ties. 4096: a bound below .001. */
  readonly bins: number;
  readonly drift?: DriftWatchOptions;
}

interface DomainMetricsState {
  readonly [key: string]: StateValue;
  readonly all: StateValue;
  readonly cold: StateValue;
  readonly warm: StateValue;
  readonly newItem: StateValue;
  readonly window: StateValue;
  readonly restated: number;
  /** Absent in older checkpoints. */
  readonly provisional?: number;
  readonly drift: StateValue;
}

/** The prequential metrics of one domain: over the whole run, over the rolling window, and by slice. */
export class DomainMetrics implements Stateful {
  readonly #all: SliceMetrics;
  readonly #cold: SliceMetrics;
  readonly #warm: SliceMetrics;
  readonly #newItem: SliceMetrics;
  readonly #window: RollingMetrics;
  #restated = 0;
  /** Rows counted whose label may still be put right. */
  provisional = 0;
  readonly #drift: DriftWatch;

  constructor({
    bins,
    window,
    drift = { detector: 'adwin', signal: 'ranking', coolDownRows: 5000, effectRows: 2000 },
  }: DomainMetricsOptions) {
    this.#drift = new DriftWatch(drift);
    this.#all = new SliceMetrics(bins);
    this.#cold = new SliceMetrics(bins);
    this.#warm = new SliceMetrics(bins);
    this.#newItem = new SliceMetrics(bins);
    this.#window = new RollingMetrics(window);
  }

  /** The rolling window's exact AUC in constant time; `summary` takes milliseconds. */
  get rollingAuc(): number | null {
    return this.#window.auc;
  }

  /** True when the row raises a drift alarm. */
  update(row: ScoredRow): boolean {
    const { userId, logit, label, eventTimeMs } = row;
    if (!Number.isFinite(logit)) bug(`a score of ${logit} reached the metrics`);
    const judged = judgedRow(logit, label);
    this.#all.add(userId, judged);
    (row.coldUser ? this.#cold : this.#warm).add(userId, judged);
    if (row.newItem) this.#newItem.add(userId, judged);
    this.#window.updateJudged(judged, eventTimeMs);
    return this.#drift.update(judged, eventTimeMs);
  }

  /**
   * A label that came after its row had matured: `row` as it was counted. Its label is flipped in every figure, in the
   * window only where the row is still held. The drift detector, which knows no way back, keeps what it saw.
   */
  restate(row: ScoredRow): void {
    const { userId, logit, label } = row;
    const slices = [this.#all, row.coldUser ? this.#cold : this.#warm, ...(row.newItem ? [this.#newItem] : [])];
    for (const slice of slices) slice.restate(userId, logit, label);
    this.#window.restate(row);
    this.#restated++;
  }

  /**
   * Adds the whole-run figures of another partition of the same domain. Rolling window and drift stay this part's own:
   * rows of two partitions have no common order here.
   */
  merge(other: DomainMetrics): void {
    this.#all.merge(other.#all);
    this.#cold.merge(other.#cold);
    this.#warm.merge(other.#warm);
    this.#newItem.merge(other.#newItem);
    this.#restated += other.#restated;
    this.provisional += other.provisional;
  }

  summary(): DomainSummary {
    return {
      ...this.#all.summary(),
      window: this.#window.summary(),
      cold: this.#cold.summary(),
      warm: this.#warm.summary(),
      newItem: this.#newItem.summary(),
      restated: this.#restated,
      provisional: this.provisional > 0,
      provisionalRows: this.provisional,
      drift: this.#drift.summary(),
    };
  }

  snapshot(): StateValue {
    return {
      all: this.#all.snapshot(),
      cold: this.#cold.snapshot(),
      warm: this.#warm.snapshot(),
      newItem: this.#newItem.snapshot(),
      window: this.#window.snapshot(),
      restated: this.#restated,
      provisional: this.provisional,
      drift: this.#drift.snapshot(),
    } satisfies DomainMetricsState;
  }

  restore(state: StateValue): void {
    const parts = state as DomainMetricsState;
    this.#all.restore(parts.all);
    this.#cold.restore(parts.cold);
    this.#warm.restore(parts.warm);
    this.#newItem.restore(parts.newItem);
    this.#window.restore(parts.window);
    this.#restated = parts.restated;
    this.provisional = parts.provisional ?? 0;
    this.#drift.restore(parts.drift);
  }
}
