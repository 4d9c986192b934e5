import type { DeviceParameters } from '../model/device-parameters.js';
import { linear, tanh } from '../model/layers.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';
import { sigmoid } from './layers.js';
import { matrix } from './parameter-matrix.js';

export type Activation = 'relu' | 'sigmoid' | 'tanh' | 'none';

/**
 * Matrices `name.i.W` [out, in] and `name.i.b` [out] of layers with these widths; those in front of a ReLU, which are the
 * first `rectified` ones, start as DADIN's do.
 */
export function mlpMatrices(
  name: string,
  input: number,
  units: readonly number[],
  rectified: number,
): ParameterMatrix[] {
  return units.flatMap((out, i) => [
    matrix(`${name}.${i}.W`, [out, i === 0 ? input : units[i - 1]!], i < rectified ? 'he' : 'xavier'),
    matrix(`${name}.${i}.b`, [out], 'zero'),
  ]);
}

/** Layers `name.0` to `name.(layers - 1)`: x [n,in] -> [n,out]; `last` is the activation of the last one. */
export function mlp<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  name: string,
  x: TapeNode<T>,
  layers: number,
  hidden: Activation,
  last: Activation,
): TapeNode<T> {
  let y = x;
  for (let i = 0; i < layers; i++) y = layer(tape, parameters, `${name}.${i}`, y, i === layers - 1 ? last : hidden);
  return y;
}

/** act(x W^T + b) with `name.W` and `name.b`. */
export function layer<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  name: string,
  x: TapeNode<T>,
  activation: Activation,
): TapeNode<T> {
  const y = linear(
    tape,
    x,
    parameters.get(`${name}.W`),
    parameters.get(`${name}.b`),
    activation === 'relu' ? 'relu' : 'none',
  );
  if (activation === 'sigmoid') return sigmoid(tape, y);
  return activation === 'tanh' ? tanh(tape, y) : y;
}
