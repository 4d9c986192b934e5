import type { Stateful, StateValue } from '../../core/index.js';
import type { DriftDetector } from './drift-detector.js';
import { Surprise } from './surprise.js';

export interface DriftSummary {
  readonly alarms: number;
  /** Scored rows before the last alarm, and its event time; null without one. */
  readonly lastAlarmRow: number | null;
  readonly lastAlarmMs: number | null;
}

interface DriftMonitorState {
  readonly [key: string]: StateValue;
  readonly detector: StateValue;
  readonly surprise: StateValue;
  readonly rows: number;
  readonly alarms: number;
  readonly lastAlarmRow: number | null;
  readonly lastAlarmMs: number | null;
}

/** Concept drift of one domain: a detector over the surprise of its scored rows, at most one alarm per cool-down. */
export class DriftMonitor implements Stateful {
  readonly #detector: DriftDetector;
  readonly #coolDownRows: number;
  readonly #surprise = new Surprise();
  #rows = 0;
  #alarms = 0;
  #lastAlarmRow: number | null = null;
  #lastAlarmMs: number | null = null;

  constructor(detector: DriftDetector, coolDownRows: number) {
    this.#detector = detector;
    this.#coolDownRows = coolDownRows;
  }

  /** True when this row raises an alarm that counts. */
  update(logit: number, label: 0 | 1, eventTimeMs: number): boolean {
    const row = this.#rows++;
    const surprise = this.#surprise.next(logit, label);
    if (surprise === null || !this.#detector.update(surprise)) return false;
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
      surprise: this.#surprise.snapshot(),
    } satisfies DriftMonitorState;
  }

  restore(state: StateValue): void {
    const s = state as DriftMonitorState;
    this.#rows = s.rows;
    this.#alarms = s.alarms;
    this.#lastAlarmRow = s.lastAlarmRow;
    this.#lastAlarmMs = s.lastAlarmMs;
    this.#detector.restore(s.detector);
    this.#surprise.restore(s.surprise);
  }
}
