import type { DeviceParameters } from '../model/device-parameters.js';
import { bag, concat, linear, product } from '../model/layers.js';
import type { ParameterMatrix } from '../model/parameter-layout.js';
import type { Tape, TapeNode } from '../model/tape.js';
import { fieldColumns } from './host-layers.js';
import { multiply, slice, times } from './layers.js';
import { matrix } from './parameter-matrix.js';

/** The two published forms: FuxiCTR's is `linear` without split, DeepCTR's `relu` with it. */
export interface InteractionOptions {
  /** H_k, feature maps of each layer. */
  readonly maps: readonly number[];
  readonly activation: 'linear' | 'relu';
  /** Half of a layer's maps feeds the next layer and the other half the output; the last goes out whole. */
  readonly split: boolean;
}

export function interactionMatrices({ maps, split }: InteractionOptions, F: number): ParameterMatrix[] {
  const matrices: ParameterMatrix[] = [];
  let previous = F;
  let outputs = 0;
  maps.forEach((H, k) => {
    matrices.push(matrix(`cin.${k}.W`, [H, previous * F]), matrix(`cin.${k}.b`, [H], 'zero'));
    const halved = split && k < maps.length - 1;
    previous = halved ? Math.floor(H / 2) : H;
    outputs += halved ? H - previous : H;
  });
  return [...matrices, matrix('cin.out', [1, outputs])];
}

/**
 * Compressed interaction network (Lian et al. 2018): X^k = act(W^k T^k + b^k) with T^k_(h,m) = X^(k-1)_h * X^0_m, each map
 * summed over d, all maps weighed. Maps are columns and (sample, dimension) rows, so that a layer is one product of
 * matrices. F fields [B,d] -> [B,1].
 */
export function compressedInteraction<T>(
  tape: Tape<T>,
  parameters: DeviceParameters<T>,
  { maps, activation, split }: InteractionOptions,
  fields: readonly TapeNode<T>[],
): TapeNode<T> {
  const F = fields.length;
  const [B, d] = tape.ops.shape(fields[0]!.value);
  const base = fieldColumns(tape, fields); // X^0 [B d,F]
  const outputs: TapeNode<T>[] = [];
  let previous = base;
  let H = F;
  maps.forEach((units, k) => {
    const left = times(tape, previous, repeatEach(tape, H, F)); // [B d,H F], column (h,m) is X_h
    const right = times(tape, base, repeatAll(tape, H, F)); // [B d,H F], column (h,m) is X^0_m
    const W = parameters.get(`cin.${k}.W`);
    const b = parameters.get(`cin.${k}.b`);
    const x = linear(tape, multiply(tape, left, right), W, b, activation === 'relu' ? 'relu' : 'none'); // [B d,units]
    const halved = split && k < maps.length - 1;
    H = halved ? Math.floor(units / 2) : units;
    previous = slice(tape, x, 0, H);
    outputs.push(halved ? slice(tape, x, H, units - H) : x);
  });
  const ofSample = {
    splits: Int32Array.from({ length: B + 1 }, (_, i) => i * d),
    items: Int32Array.from({ length: B * d }, (_, row) => row),
  };
  const pooled = bag(tape, concat(tape, outputs), ofSample, 'sum'); // [B, sum of maps]
  return product(tape, pooled, parameters.get('cin.out')); // [B,1]
}

/** [H, H F] of 0 and 1: copies column h to the columns (h, 0) to (h, F - 1). */
function repeatEach<T>(tape: Tape<T>, H: number, F: number): TapeNode<T> {
  return selection(tape, H, H * F, (column) => Math.floor(column / F));
}

/** [F, H F] of 0 and 1: copies column m to the columns (0, m) to (H - 1, m). */
function repeatAll<T>(tape: Tape<T>, H: number, F: number): TapeNode<T> {
  return selection(tape, F, H * F, (column) => column % F);
}

function selection<T>(tape: Tape<T>, from: number, to: number, sourceOf: (column: number) => number): TapeNode<T> {
  const chosen = new Float32Array(from * to);
  for (let column = 0; column < to; column++) chosen[sourceOf(column) * to + column] = 1;
  return tape.constant(tape.ops.upload(chosen, from, to));
}
