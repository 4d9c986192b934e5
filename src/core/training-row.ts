import type { Sample } from './sample.js';

/**
 * What a training step learns: an impression with the label and the weight that it enters with. Where training does not
 * wait for the attribution window, the label need not be the final one, and an impression may enter twice.
 */
export interface TrainingRow {
  readonly sample: Sample;
  /** 1 clicked, 0 not (yet). */
  readonly label: number;
  /** Instance weight; a constant to the gradient. */
  readonly weight: number;
}
