import { bug, type Stateful, type StateValue } from '../../core/index.js';
import type { JudgedRow } from '../judged-row.js';
import { RollingMetrics } from '../rolling-metrics.js';
import { RowWindow, type WindowPolicy } from '../row-window.js';
import { Adwin } from './adwin.js';
import { BalancedErrors } from './balanced-errors.js';
import { Ddm } from './ddm.js';
import type { DriftDetector } from './drift-detector.js';
import { DriftMonitor, type DriftSignal, type DriftSummary } from './drift-monitor.js';
import { Kswin } from './kswin.js';
import { PageHinkley } from './page-hinkley.js';
import { RankingErrors } from './ranking-errors.js';
import { Surprise } from './surprise.js';

export type DetectorName = 'adwin' | 'pageHinkley' | 'ddm' | 'kswin' | 'off';
export type SignalName = 'ranking' | 'surprise' | 'errors';

export interface DriftWatchOptions {
  readonly detector: DetectorName;
  /** What it watches: ranking-errors.ts, surprise.ts, balanced-errors.ts. */
  readonly signal: SignalName;
  /** Rows after an alarm in which no other counts. */
  readonly coolDownRows: number;
  /** Rows before and after an alarm whose figures are compared. */
  readonly effectRows: number;
}

/** Figures of a few rows; null where a class is missing. */
export interface RowFigures {
  readonly rows: number;
  readonly auc: number | null;
  readonly aucSe: number | null;
  /** Nats a row. */
  readonly logLoss: number | null;
  readonly ne: number | null;
}

/** An alarm, what raised it, and what the rows were like around it. */
export interface DriftEvent {
  readonly detector: DetectorName;
  /** Scored rows of the domain before the alarm, and its event time, ms. */
  readonly row: number;
  readonly eventTimeMs: number;
  /** The last `effectRows` rows up to the alarm, and as many after it; null until they have come. */
  readonly before: RowFigures;
  readonly after: RowFigures | null;
}

export interface DriftWatchSummary extends DriftSummary {
  readonly detector: DetectorName;
  /** The newest alarms, oldest first. */
  readonly events: readonly DriftEvent[];
}

/** Events kept. */
const MOST_EVENTS = 16;

interface DriftWatchState {
  readonly [key: string]: StateValue;
  readonly monitor: StateValue;
  readonly recent: StateValue;
  readonly rows: number;
  readonly events: readonly StateValue[];
}

/** Watches one domain for drift and measures what became of it after each alarm. */
export class DriftWatch implements Stateful {
  readonly #options: DriftWatchOptions;
  readonly #monitor: DriftMonitor | null;
  readonly #policy: WindowPolicy;
  readonly #recent: RowWindow;
  #rows = 0;
  #events: DriftEvent[] = [];

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    this.#policy = { maxRows: options.effectRows, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 };
    this.#recent = new RowWindow(this.#policy);
    const { detector, coolDownRows } = options;
    this.#monitor =
      detector === 'off' ? null : new DriftMonitor(newDetector(detector), coolDownRows, newSignal(options.signal));
  }

  /** True when this row raises an alarm that counts. */
  update({ logit, label }: JudgedRow, eventTimeMs: number): boolean {
    this.#recent.push(logit, label, eventTimeMs);
    if (this.#recent.overfull) this.#recent.shift();
    const row = this.#rows++;
    this.#measureEffects(row);
    if (this.#monitor === null || !this.#monitor.update(logit, label, eventTimeMs)) return false;
    const { detector } = this.#options;
    this.#events.push({ detector, row, eventTimeMs, before: this.#figures(), after: null });
    if (this.#events.length > MOST_EVENTS) this.#events.shift();
    return true;
  }

  summary(): DriftWatchSummary {
    const none: DriftSummary = { alarms: 0, lastAlarmRow: null, lastAlarmMs: null };
    const { detector } = this.#options;
    return { ...(this.#monitor?.summary() ?? none), detector, events: [...this.#events] };
  }

  snapshot(): StateValue {
    return {
      monitor: this.#monitor?.snapshot() ?? null,
      recent: this.#recent.snapshot(),
      rows: this.#rows,
      events: this.#events as unknown as StateValue[],
    } satisfies DriftWatchState;
  }

  restore(state: StateValue): void {
    const { monitor, recent, rows, events } = state as DriftWatchState;
    this.#monitor?.restore(monitor);
    this.#recent.restore(recent);
    this.#rows = rows;
    this.#events = [...(events as unknown as DriftEvent[])];
  }

  #measureEffects(row: number): void {
    for (let i = 0; i < this.#events.length; i++) {
      const event = this.#events[i]!;
      if (event.row + this.#options.effectRows === row) this.#events[i] = { ...event, after: this.#figures() };
    }
  }

  #figures(): RowFigures {
    const metrics = new RollingMetrics(this.#policy);
    for (const { logit, label, eventTimeMs } of this.#recent) metrics.update(logit, label, eventTimeMs);
    const { rows, auc, aucSe, logLoss, ne } = metrics.summary();
    return { rows, auc, aucSe, logLoss, ne };
  }
}

function newSignal(name: SignalName): DriftSignal {
  if (name === 'ranking') return new RankingErrors();
  return name === 'surprise' ? new Surprise() : new BalancedErrors();
}

function newDetector(name: DetectorName): DriftDetector {
  switch (name) {
    case 'adwin':
      return new Adwin();
    case 'pageHinkley':
      return new PageHinkley();
    case 'ddm':
      return new Ddm();
    case 'kswin':
      return new Kswin({ windowSize: 500, recentSize: 100, alpha: 1e-5, seed: 0 });
    case 'off':
      return bug('a detector that is off');
  }
}
