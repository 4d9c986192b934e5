import type { Ragged } from '../core/index.js';
import type { DeviceParameters } from '../model/device-parameters.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';

/** A history that DIN attends to with a candidate. */
export interface AttendedHistory<T> {
  /** Name of its attention network. */
  readonly attention: string;
  /** [U,d] */
  readonly items: TapeNode<T>;
  readonly positions: Ragged;
  /** [B,d] */
  readonly candidate: TapeNode<T>;
}

/** What a single-domain baseline reads (algorithm B.0). */
export interface FieldInput<T> {
  /** F fields [B,d]; none for a model without embeddings */
  readonly fields: readonly TapeNode<T>[];
  /** [B,1] sum of the first-order weights w[id]; null for a model without them */
  readonly firstOrder: TapeNode<T> | null;
  /** Histories that are attended to rather than pooled into fields. */
  readonly histories: readonly AttendedHistory<T>[];
}

/** What the parameters' shapes depend on. */
interface FieldShape {
  /** F */
  readonly fields: number;
  /** d */
  readonly width: number;
  /** Names of the attention networks. */
  readonly attentions: readonly string[];
}

/** A single-domain baseline of algorithm B.1, for any fields. */
export interface SingleDomainModel {
  /** An embedding row ends in the id's first-order weight. */
  readonly firstOrder: boolean;
  /** An embedding row begins with d columns. */
  readonly embedded: boolean;
  /** Histories are attended to instead of pooled. */
  readonly attends: boolean;
  matrices(shape: FieldShape): ParameterMatrix[];
  /** Key of the bias that starts at the logit of the label rate. */
  readonly outputBias: string;
  /** [B,1] */
  logit<T>(tape: Tape<T>, parameters: DeviceParameters<T>, x: FieldInput<T>): TapeNode<T>;
}
