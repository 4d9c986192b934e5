/** Plain data that the checkpoint can hold: JSON values, bigints and typed arrays, nested in objects and lists. */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };

/**
 * A part of the fold. `snapshot` copies (the part may go on changing afterwards); `restore` replaces everything, so that
 * a restored part behaves to the bit as the one that was copied. A conformance suite runs over all of them.
 */
export interface Stateful {
  snapshot(): StateValue;
  restore(state: StateValue): void;
}
