import type { StateValue } from '../../core/index.js';

/** Where an impression came from and which slices it is of; the first of them is its partition. */
export interface RowOrigin {
  readonly sequence: number;
  /** plain: an allocation an event, which a typed array would make several times dearer */
  readonly slices: readonly number[];
  readonly position: bigint;
}

/** An impression whose label has become known. */
export interface WatchedRow extends RowOrigin {
  readonly logit: number;
  readonly label: 0 | 1;
  readonly eventTimeMs: number;
}

export function packOrigins(origins: readonly RowOrigin[]): StateValue {
  const splits = new Uint32Array(origins.length + 1);
  for (const [i, { slices }] of origins.entries()) splits[i + 1] = splits[i]! + slices.length;
  const slices = new Uint32Array(splits[origins.length]!);
  for (const [i, origin] of origins.entries()) slices.set(origin.slices, splits[i]!);
  return {
    sequences: Float64Array.from(origins, ({ sequence }) => sequence),
    positions: origins.map(({ position }) => position),
    splits,
    slices,
  };
}

export function unpackOrigins(state: StateValue): RowOrigin[] {
  const { sequences, positions, splits, slices } = state as unknown as PackedOrigins;
  return positions.map((position, i) => ({
    sequence: sequences[i]!,
    slices: Array.from(slices.subarray(splits[i]!, splits[i + 1]!)),
    position,
  }));
}

export function packRows(rows: readonly WatchedRow[]): StateValue {
  return {
    origins: packOrigins(rows),
    logits: Float32Array.from(rows, ({ logit }) => logit),
    labels: Uint8Array.from(rows, ({ label }) => label),
    times: Float64Array.from(rows, ({ eventTimeMs }) => eventTimeMs),
  };
}

export function unpackRows(state: StateValue): WatchedRow[] {
  const { origins, logits, labels, times } = state as unknown as PackedRows;
  return unpackOrigins(origins).map((origin, i) => ({
    ...origin,
    logit: logits[i]!,
    label: labels[i] as 0 | 1,
    eventTimeMs: times[i]!,
  }));
}

interface PackedOrigins {
  readonly sequences: Float64Array;
  readonly positions: readonly bigint[];
  readonly splits: Uint32Array;
  readonly slices: Uint32Array;
}

interface PackedRows {
  readonly origins: StateValue;
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
  readonly times: Float64Array;
}
