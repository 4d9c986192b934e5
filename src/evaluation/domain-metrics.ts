import { bug, type Stateful, type StateValue } from '../core/index.js';
import { aucInterval } from './auc-interval.js';
import { type AucSummary, BinnedAuc } from './binned-auc.js';
import { Calibration } from './calibration.js';
import { Adwin } from './drift/adwin.js';
import { DriftMonitor, type DriftSummary } from './drift/drift-monitor.js';
import { EqualMassEce } from './equal-mass-ece.js';
import { LogLoss } from './log-loss.js';
import type { LogitBins } from './logit-bins.js';
import { RollingMetrics, type RollingSummary } from './rolling-metrics.js';
import type { WindowPolicy } from './row-window.js';

/** A matured row: the logit of the impression (never scored again) and its final label. */
export interface ScoredRow {
  /** Finite; counted as float32. */
  readonly logit: number;
  readonly label: 0 | 1;
  readonly eventTimeMs: number;
  readonly coldUser: boolean;
  readonly newItem: boolean;
}

export interface DomainSummary extends AucSummary {
  /** 95 % interval (auc-interval.ts); null at exactly 0 or 1 too. */
  readonly aucLow: number | null;
  readonly aucHigh: number | null;
  /** Nats a row. */
  readonly logLoss: number | null;
  /** Log loss over the entropy of the click rate; below 1 beats the base rate. */
  readonly ne: number | null;
  /** Predicted clicks over observed ones, and its Poisson band. */
  readonly calibration: number | null;
  readonly calibrationLow: number | null;
  readonly calibrationHigh: number | null;
  /** Expected calibration error over 15 groups of equal mass. */
  readonly ece: number | null;
  readonly averagePrecision: number | null;
  readonly window: RollingSummary;
  readonly cold: AucSummary;
  readonly warm: AucSummary;
  readonly newItem: AucSummary;
  /** ADWIN on the rows' surprise (drift/surprise.ts). */
  readonly drift: DriftSummary;
}

export interface DomainMetricsOptions {
  readonly window: WindowPolicy;
  /** Bins of the whole-run AUC over logits from -12 to 12; beyond, all scores are ties. 4096: a bound below .001. */
  readonly bins: number;
}

const LOGIT_CLIP = 12;
const ECE_BINS: LogitBins = { bins: 1024, clip: LOGIT_CLIP };
const ECE_GROUPS = 15;
const DRIFT_COOL_DOWN_ROWS = 5000;

interface DomainMetricsState {
  readonly [key: string]: StateValue;
  readonly all: StateValue;
  readonly cold: StateValue;
  readonly warm: StateValue;
  readonly newItem: StateValue;
  readonly logLoss: StateValue;
  readonly calibration: StateValue;
  readonly ece: StateValue;
  readonly window: StateValue;
  readonly drift: StateValue;
}

/** The prequential metrics of one domain: over the whole run, over the rolling window, and by slice. */
export class DomainMetrics implements Stateful {
  readonly #all: BinnedAuc;
  readonly #cold: BinnedAuc;
  readonly #warm: BinnedAuc;
  readonly #newItem: BinnedAuc;
  readonly #logLoss = new LogLoss();
  readonly #calibration = new Calibration();
  readonly #ece = new EqualMassEce(ECE_BINS);
  readonly #window: RollingMetrics;
  readonly #drift = new DriftMonitor(new Adwin(), DRIFT_COOL_DOWN_ROWS);

  constructor(options: DomainMetricsOptions) {
    const bins: LogitBins = { bins: options.bins, clip: LOGIT_CLIP };
    this.#all = new BinnedAuc(bins);
    this.#cold = new BinnedAuc(bins);
    this.#warm = new BinnedAuc(bins);
    this.#newItem = new BinnedAuc(bins);
    this.#window = new RollingMetrics(options.window);
  }

  /** The rolling window's exact AUC in constant time; `summary` takes milliseconds. */
  get rollingAuc(): number | null {
    return this.#window.auc;
  }

  update(row: ScoredRow): void {
    const { logit, label } = row;
    if (!Number.isFinite(logit)) bug(`a score of ${logit} reached the metrics`);
    this.#all.add(logit, label);
    (row.coldUser ? this.#cold : this.#warm).add(logit, label);
    if (row.newItem) this.#newItem.add(logit, label);
    this.#logLoss.add(logit, label);
    this.#calibration.add(logit, label);
    this.#ece.add(logit, label);
    this.#window.update(logit, label, row.eventTimeMs);
    this.#drift.update(logit, label, row.eventTimeMs);
  }

  /**
   * A label that came after its row had matured: `row` as it was counted. Its label is flipped in every figure, in the
   * window only where the row is still held. The drift detector, which knows no way back, keeps what it saw.
   */
  restate(row: ScoredRow): void {
    const { logit, label } = row;
    const other = label === 1 ? 0 : 1;
    const slices = [this.#all, row.coldUser ? this.#cold : this.#warm, ...(row.newItem ? [this.#newItem] : [])];
    for (const metric of [...slices, this.#logLoss, this.#calibration]) {
      metric.remove(logit, label);
      metric.add(logit, other);
    }
    this.#ece.restate(logit, label);
    this.#window.restate(row);
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
    this.#logLoss.merge(other.#logLoss);
    this.#calibration.merge(other.#calibration);
    this.#ece.merge(other.#ece);
  }

  summary(): DomainSummary {
    const all = this.#all.summary();
    const interval = aucInterval(all);
    const band = this.#calibration.band;
    return {
      ...all,
      aucLow: interval?.low ?? null,
      aucHigh: interval?.high ?? null,
      logLoss: this.#logLoss.mean,
      ne: this.#logLoss.normalizedEntropy,
      calibration: this.#calibration.ratio,
      calibrationLow: band?.[0] ?? null,
      calibrationHigh: band?.[1] ?? null,
      ece: this.#ece.error(ECE_GROUPS),
      averagePrecision: this.#all.averagePrecision(),
      window: this.#window.summary(),
      cold: this.#cold.summary(),
      warm: this.#warm.summary(),
      newItem: this.#newItem.summary(),
      drift: this.#drift.summary(),
    };
  }

  snapshot(): StateValue {
    return {
      all: this.#all.snapshot(),
      cold: this.#cold.snapshot(),
      warm: this.#warm.snapshot(),
      newItem: this.#newItem.snapshot(),
      logLoss: this.#logLoss.snapshot(),
      calibration: this.#calibration.snapshot(),
      ece: this.#ece.snapshot(),
      window: this.#window.snapshot(),
      drift: this.#drift.snapshot(),
    } satisfies DomainMetricsState;
  }

  restore(state: StateValue): void {
    const parts = state as DomainMetricsState;
    this.#all.restore(parts.all);
    this.#cold.restore(parts.cold);
    this.#warm.restore(parts.warm);
    this.#newItem.restore(parts.newItem);
    this.#logLoss.restore(parts.logLoss);
    this.#calibration.restore(parts.calibration);
    this.#ece.restore(parts.ece);
    this.#window.restore(parts.window);
    this.#drift.restore(parts.drift);
  }
}
