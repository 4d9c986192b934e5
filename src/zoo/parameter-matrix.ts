import type { Initialisation, ParameterMatrix } from '../model/parameter-layout.js';

/** One tensor [out, in], or a vector as one row. */
export function matrix(
  name: string,
  shape: readonly number[],
  initialisation: Initialisation = 'xavier',
): ParameterMatrix {
  const [rows, cols] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  return { key: name, rows, cols, tensors: [name], tensorShape: shape, initialisation };
}

/** Several tensors of one shape, laid end to end as one matrix. */
export function stacked(
  key: string,
  tensors: readonly string[],
  tensorShape: readonly number[],
  [rows, cols]: readonly [number, number],
  initialisation: Initialisation = 'xavier',
): ParameterMatrix {
  return { key, rows, cols, tensors, tensorShape, initialisation };
}
