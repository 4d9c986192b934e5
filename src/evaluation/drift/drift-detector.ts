import type { Stateful } from '../../core/index.js';

/** Watches the mean (or the distribution) of a signal. After an alarm it starts afresh or forgets what is outdated. */
export interface DriftDetector extends Stateful {
  /** Takes the next value; true when it raises an alarm. */
  update(value: number): boolean;
  /** Of the values it holds to be of one kind, where it keeps it: an alarm that lowers it is no bad news. */
  readonly mean?: number | null;
}
