/** Named arrays as they lie in a safetensors file. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int8Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;
}
