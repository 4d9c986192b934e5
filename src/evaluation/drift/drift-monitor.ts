import type { Stateful, StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';
import { Surprise } from './surprise.js';

/** What a detector watches, a value a row; null for rows that say nothing. */
export interface DriftSignal extends Stateful {
  next(logit: number, label: 0 | 1): number | null;
}

export interface DriftSummary {
  readonly alarms: number;
  /** Scored rows before the last alarm, and its event time; null without one. */
  readonly lastAlarmRow: number | null;
  readonly lastAlarmMs: number | null;
}

interface DriftMonitorState {
  readonly [key: string]: StateValue;
  readonly detector: StateValue;
  readonly signal: StateValue;
  readonly rows: number;
  readonly alarms: number;
  readonly lastAlarmRow: number | null;
  readonly lastAlarmMs: number | null;
}

/** Concept drift of one domain: a detector over a signal of its scored rows, at most one alarm per cool-down. */
export class DriftMonitor implements Stateful {
  readonly #detector: DriftDetector;
  readonly #coolDownRows: number;
  readonly #signal: DriftSignal;
  #rows = 0;
  #alarms = 0;
  #lastAlarmRow: number | null = null;
  #lastAlarmMs: number | null = null;

  constructor(detector: DriftDetector, coolDownRows: number, signal: DriftSignal = new Surprise()) {
    this.#signal = signal;
    this.#detector = detector;
    this.#coolDownRows = coolDownRows;
  }

  /** True when this row raises an alarm that counts. */
  update(logit: number, label: 0 | 1, eventTimeMs: number): boolean {
    const row = this.#rows++;
    const value = this.#signal.next(logit, label);
    if (value === null) return false;
    const before = this.#detector.mean ?? null;
    if (!this.#detector.update(value)) return false;
    const after = this.#detector.mean ?? null;
    // a learner that gets better changes its signal too
    if (before !== null && after !== null && after <= before) return false;
    if (this.#lastAlarmRow !== null && row - this.#lastAlarmRow < this.#coolDownRows) return false;
    this.#alarms++;
    this.#lastAlarmRow = row;
    this.#lastAlarmMs = eventTimeMs;
    return true;
  }

  summary(): DriftSummary {
    return { alarms: this.#alarms, lastAlarmRow: this.#lastAlarmRow, lastAlarmMs: this.#lastAlarmMs };
  }

  snapshot(): StateValue {
    return {
      ...this.summary(),
      rows: this.#rows,
      detector: this.#detector.snapshot(),
      signal: this.#signal.snapshot(),
    } satisfies DriftMonitorState;
  }

  restore(state: StateValue): void {
    const s = state as DriftMonitorState;
    this.#rows = s.rows;
    this.#alarms = s.alarms;
    this.#lastAlarmRow = s.lastAlarmRow;
    this.#lastAlarmMs = s.lastAlarmMs;
    this.#detector.restore(s.detector);
    this.#signal.restore(s.signal);
  }
}
