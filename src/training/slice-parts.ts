import type { PassOutputs } from '../model/forward-pass.js';
import type { EmbeddedBatch, StepSettings } from '../model/gradients.js';
import type { Slice } from './slice-cutter.js';

/** A slice of the step at hand: this thread's, or one that a helper works on. */
export interface SlicePart {
  readonly slice: Slice;
  /** Of a helper's slice good once it has answered, and what the model has not is arbitrary. */
  readonly outputs: PassOutputs;
  readonly denseGradient: Float32Array;
  readonly embeddingGradient: Float32Array;
  /** Starts the way back from the gradients of the slice's logits [n] and products [n,3]. */
  back(dLogit: Float64Array, dProducts: Float64Array | null): void;
}

export type Bounds = readonly [start: number, end: number];

/** `count` <= `size` pieces of rows, as equal as can be. */
export function bounds(size: number, count: number): Bounds[] {
  const at = (i: number): number => Math.floor((size * i) / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)]);
}

/** Rows of the dropout mask. */
export function maskOf(
  { dropoutMask }: StepSettings,
  { batch }: EmbeddedBatch,
  start: number,
  end: number,
): StepSettings['dropoutMask'] {
  if (dropoutMask === null) return null;
  const width = dropoutMask.length / batch.size;
  return dropoutMask.subarray(start * width, end * width);
}

/** Outputs of the whole batch; the first part, which is this thread's, tells what the model has. */
export function gathered(parts: readonly SlicePart[], size: number): PassOutputs {
  const whole = (name: keyof PassOutputs, width: number): Float64Array => {
    const all = new Float64Array(size * width);
    for (const { slice, outputs } of parts) all.set(outputs[name]!, slice.start * width);
    return all;
  };
  const { products, interest } = parts[0]!.outputs;
  return {
    logit: whole('logit', 1),
    products: products === null ? null : whole('products', 3),
    interest: interest === null ? null : whole('interest', 3),
  };
}

/** Sums in the order of the slices; the first part's dense gradient is `gradient` itself. */
export function addUp(
  parts: readonly SlicePart[],
  gradient: Float32Array,
  rowGradients: Float32Array,
  width: number,
): void {
  for (let i = 1; i < parts.length; i++) {
    const { denseGradient } = parts[i]!;
    for (let j = 0; j < gradient.length; j++) gradient[j]! += denseGradient[j]!;
  }
  rowGradients.fill(0);
  for (const { slice, embeddingGradient } of parts) {
    const { places } = slice;
    for (let k = 0; k < places.length; k++) {
      const to = places[k]! * width;
      for (let j = 0; j < width; j++) rowGradients[to + j]! += embeddingGradient[k * width + j]!;
    }
  }
}
