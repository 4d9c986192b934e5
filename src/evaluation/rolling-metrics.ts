import type { Stateful, StateValue } from '../core/index.js';
import { averagePrecision } from './average-precision.js';
import { Calibration, sigmoid } from './calibration.js';
import { ECE_GROUPS, equalMassError } from './equal-mass-ece.js';
import { ExactAuc, type ScoreGroups } from './exact-auc.js';
import { type JudgedRow, judgedRow } from './judged-row.js';
import { LogLoss } from './log-loss.js';
import { aucStandardError } from './placements.js';
import { RowWindow, type WindowPolicy, type WindowRow } from './row-window.js';

/** Null where a class is missing (`logLoss`: without rows). */
export interface RollingSummary {
  readonly auc: number | null;
  readonly aucSe: number | null;
  readonly rows: number;
  readonly positives: number;
  /** Nats a row. */
  readonly logLoss: number | null;
  readonly ne: number | null;
  /** Predicted clicks over observed ones. */
  readonly calibration: number | null;
  /** Expected calibration error over 15 groups of equal mass. */
  readonly ece: number | null;
  readonly averagePrecision: number | null;
}

interface RollingMetricsState {
  readonly [key: string]: StateValue;
  readonly window: StateValue;
  readonly logLoss: StateValue;
  readonly calibration: StateValue;
}

/** Exact rolling AUC, log loss and calibration over a window of matured rows. */
export class RollingMetrics implements Stateful {
  readonly #window: RowWindow;
  #auc = new ExactAuc();
  readonly #logLoss = new LogLoss();
  readonly #calibration = new Calibration();

  constructor(policy: WindowPolicy) {
    this.#window = new RowWindow(policy);
  }

  /** The current rolling AUC, in constant time. */
  get auc(): number | null {
    return this.#auc.auc;
  }

  update(logit: number, label: 0 | 1, eventTimeMs: number): void {
    this.updateJudged(judgedRow(logit, label), eventTimeMs);
  }

  updateJudged(row: JudgedRow, eventTimeMs: number): void {
    this.#window.push(row.logit, row.label, eventTimeMs);
    this.#add(row);
    while (this.#window.overfull) {
      const oldest = this.#window.shift();
      this.#remove(oldest.logit, oldest.label);
    }
  }

  /** A late label: `row` as it was counted; its label is flipped where the window still holds it. */
  restate(row: WindowRow): void {
    if (!this.#window.relabel(row)) return;
    this.#remove(row.logit, row.label);
    this.#add(judgedRow(row.logit, row.label === 1 ? 0 : 1));
  }

  /** O(rows). */
  summary(): RollingSummary {
    const groups = this.#auc.groups();
    return {
      auc: this.#auc.auc,
      aucSe: aucStandardError(groups.positives, groups.negatives),
      rows: this.#logLoss.rows,
      positives: this.#logLoss.positives,
      logLoss: this.#logLoss.mean,
      ne: this.#logLoss.normalizedEntropy,
      calibration: this.#calibration.ratio,
      ece: calibrationError(groups),
      averagePrecision: averagePrecision(groups.positives, groups.negatives),
    };
  }

  snapshot(): StateValue {
    return {
      window: this.#window.snapshot(),
      logLoss: this.#logLoss.snapshot(),
      calibration: this.#calibration.snapshot(),
    } satisfies RollingMetricsState;
  }

  restore(state: StateValue): void {
    const { window, logLoss, calibration } = state as RollingMetricsState;
    this.#window.restore(window);
    this.#logLoss.restore(logLoss);
    this.#calibration.restore(calibration);
    this.#auc = new ExactAuc();
    for (const row of this.#window) this.#auc.add(row.logit, row.label);
  }

  #add({ logit, label, loss, probability }: JudgedRow): void {
    this.#auc.add(logit, label);
    this.#logLoss.addLoss(loss, label);
    this.#calibration.addProbability(probability, label);
  }

  #remove(logit: number, label: 0 | 1): void {
    this.#auc.remove(logit, label);
    this.#logLoss.remove(logit, label);
    this.#calibration.remove(logit, label);
  }
}

function calibrationError({ scores, positives, negatives }: ScoreGroups): number | null {
  const rows = positives.map((count, g) => count + negatives[g]!);
  const predicted = Float64Array.from(scores, (score, g) => rows[g]! * sigmoid(score));
  return equalMassError({ rows, clicks: positives, predicted }, ECE_GROUPS);
}
