import type { Stateful } from '../../core/index.js';

/** Watches the mean (or the distribution) of a signal. After an alarm it starts afresh or forgets what is outdated. */
export interface DriftDetector extends Stateful {
  /** Takes the next value; true when it raises an alarm. */
  update(value: number): boolean;
}
