import type { Stateful, StateValue } from '../core/index.js';
import { aucInterval } from './auc-interval.js';
import { type AucSummary, BinnedAuc } from './binned-auc.js';
import { Calibration } from './calibration.js';
import { ECE_GROUPS, EqualMassEce } from './equal-mass-ece.js';
import { Gauc, type GaucSummary } from './gauc.js';
import type { JudgedRow } from './judged-row.js';
import { LogLoss } from './log-loss.js';
import { COARSE_BINS } from './logit-bins.js';

/** The whole metric family over the rows of a slice. */
export interface SliceSummary extends AucSummary, GaucSummary {
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
}

const GAUC = { minUsers: 1000, rowsPerUser: 32 };

interface SliceMetricsState {
  readonly [key: string]: StateValue;
  readonly auc: StateValue;
  readonly logLoss: StateValue;
  readonly calibration: StateValue;
  readonly ece: StateValue;
  readonly gauc: StateValue;
}

/** Ranking and probability metrics over all rows of a slice since the start: bounded memory, O(1) a row, mergeable. */
export class SliceMetrics implements Stateful {
  readonly #auc: BinnedAuc;
  readonly #logLoss = new LogLoss();
  readonly #calibration = new Calibration();
  readonly #ece = new EqualMassEce(COARSE_BINS);
  readonly #gauc = new Gauc(GAUC);

  /** `bins` of the AUC over logits from -12 to 12. */
  constructor(bins: number) {
    this.#auc = new BinnedAuc({ ...COARSE_BINS, bins });
  }

  add(userId: string, row: JudgedRow): void {
    const { logit, label, loss, probability } = row;
    this.#auc.add(logit, label);
    this.#logLoss.addLoss(loss, label);
    this.#calibration.addProbability(probability, label);
    this.#ece.addJudged(row);
    this.#gauc.add(userId, logit, label);
  }

  /** A late label: the row as it was counted; its label is flipped in every figure. */
  restate(userId: string, logit: number, label: 0 | 1): void {
    for (const metric of [this.#auc, this.#logLoss, this.#calibration]) {
      metric.remove(logit, label);
      metric.add(logit, label === 1 ? 0 : 1);
    }
    this.#ece.restate(logit, label);
    this.#gauc.restate(userId, logit, label);
  }

  /** Adds the rows of another partition. */
  merge(other: SliceMetrics): void {
    this.#auc.merge(other.#auc);
    this.#logLoss.merge(other.#logLoss);
    this.#calibration.merge(other.#calibration);
    this.#ece.merge(other.#ece);
    this.#gauc.merge(other.#gauc);
  }

  summary(): SliceSummary {
    const auc = this.#auc.summary();
    const interval = aucInterval(auc);
    const band = this.#calibration.band;
    return {
      ...auc,
      aucLow: interval?.low ?? null,
      aucHigh: interval?.high ?? null,
      logLoss: this.#logLoss.mean,
      ne: this.#logLoss.normalizedEntropy,
      calibration: this.#calibration.ratio,
      calibrationLow: band?.[0] ?? null,
      calibrationHigh: band?.[1] ?? null,
      ece: this.#ece.error(ECE_GROUPS),
      averagePrecision: this.#auc.averagePrecision(),
      ...this.#gauc.summary(),
    };
  }

  snapshot(): StateValue {
    return {
      auc: this.#auc.snapshot(),
      logLoss: this.#logLoss.snapshot(),
      calibration: this.#calibration.snapshot(),
      ece: this.#ece.snapshot(),
      gauc: this.#gauc.snapshot(),
    } satisfies SliceMetricsState;
  }

  restore(state: StateValue): void {
    const { auc, logLoss, calibration, ece, gauc } = state as SliceMetricsState;
    this.#auc.restore(auc);
    this.#logLoss.restore(logLoss);
    this.#calibration.restore(calibration);
    this.#ece.restore(ece);
    this.#gauc.restore(gauc);
  }
}
