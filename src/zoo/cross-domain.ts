import type { Ragged } from '../core/index.js';
import type { DeviceParameters } from '../model/device-parameters.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';

/** A user with one item of each domain (algorithm B.0): what a cross-domain baseline reads. */
export interface PairInput<T> {
  /** [B,d] */
  readonly user: TapeNode<T>;
  /** [B,d] */
  readonly itemT: TapeNode<T>;
  /** [B,d] */
  readonly itemS: TapeNode<T>;
  /** [U,d] distinct items, which the histories count */
  readonly items: TapeNode<T>;
  readonly histT: Ragged;
  readonly histS: Ragged;
}

/** [B,1] each */
export interface DomainLogits<T> {
  readonly target: TapeNode<T>;
  readonly source: TapeNode<T>;
}

/** A cross-domain baseline of algorithm B.2. */
export interface CrossDomainModel {
  /** `width` is d. */
  matrices(width: number): ParameterMatrix[];
  /** Keys of the biases of the target's and of the source's output. */
  readonly outputBiases: readonly [target: string, source: string];
  /** Weight of a source row's loss. */
  readonly sourceWeight: number;
  /** Start values other than the layout's. */
  readonly start: Readonly<Record<string, readonly number[]>>;
  /** lambda sum |w| over these parameters; null without. */
  readonly lasso: { readonly keys: readonly string[]; readonly strength: number } | null;
  logits<T>(tape: Tape<T>, parameters: DeviceParameters<T>, x: PairInput<T>): DomainLogits<T>;
}
