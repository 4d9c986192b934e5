import type { MessagePort } from 'node:worker_threads';
import type { EmbeddedRows, PassSettings } from '../model/forward-pass.js';
import type { BackendName } from './backend.js';
import type { EngineOptions } from './engine-options.js';
import type { CrossingError } from './learner-messages.js';

/** What a helping thread is started with. */
export interface HelperStart {
  readonly backend: BackendName;
  /** Jobs to the helper; a failure from it. */
  readonly port: MessagePort;
  /** Words of `CONTROL`. */
  readonly control: Int32Array;
}

/** Words in shared memory between the owner and one helper. */
export const CONTROL = {
  /** Commands given so far: each takes the next message, but for the one that sends a step back. */
  given: 0,
  /** Commands done so far. */
  done: 1,
  /** 1 once the helper has failed. */
  failed: 2,
  words: 3,
} as const;

export type ModelChoice = Pick<EngineOptions, 'model' | 'baseline'>;

/** Arrays lie in shared memory; those named as results are the helper's to write. */
export type SliceJob =
  | { readonly kind: 'model'; readonly model: number; readonly choice: ModelChoice; readonly flat: Float32Array }
  | { readonly kind: 'step'; readonly model: number; readonly slices: readonly StepSlice[] }
  | { readonly kind: 'score'; readonly model: number; readonly slices: readonly ScoreSlice[] };

/** One slice of a step: forward at the command of the job, backward at the next. */
export interface StepSlice {
  readonly embedded: EmbeddedRows;
  readonly settings: PassSettings;
  /** Results of the way forward: [n], [n,3], [n,3]; what the model has not stays as it is. */
  readonly logit: Float64Array;
  readonly products: Float64Array;
  readonly interest: Float64Array;
  /** Read on the way back: [n], [n,3]. */
  readonly dLogit: Float64Array;
  readonly dProducts: Float64Array;
  /** Results of the way back. */
  readonly denseGradient: Float32Array;
  readonly embeddingGradient: Float32Array;
}

export interface ScoreSlice {
  readonly embedded: EmbeddedRows;
  /** Result [n], offset included. */
  readonly logits: Float32Array;
}

/** From the helper, before it sets `failed`. */
export type HelperFailure = CrossingError;
