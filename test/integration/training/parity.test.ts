import { describe, expect, it } from 'vitest';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { loadBackend } from '../../../src/training/backend.js';
import { TENSOR_ENGINES } from '../../conformance/tensor-engines.js';
import { forwardAndGradients, randomInputs } from './random-batch.js';

const SIZES = [
  { name: 'paper-sized', rows: 512, d: 64, distinct: 900, meanLength: 10 },
  { name: 'small', rows: 32, d: 16, distinct: 100, meanLength: 8 },
  { name: 'one row', rows: 1, d: 16, distinct: 12, meanLength: 8 },
  { name: 'odd', rows: 13, d: 5, distinct: 3, meanLength: 2 },
  { name: 'no history at all', rows: 7, d: 8, distinct: 4, meanLength: 0 },
];

/** Worst difference, relative to the largest value of the expected array (at least `floor`). */
function worst(actual: Float64Array, expected: Float64Array, floor: number): number {
  expect(actual.length).toBe(expected.length);
  let scale = floor;
  for (const value of expected) scale = Math.max(scale, Math.abs(value));
  let difference = 0;
  for (let i = 0; i < expected.length; i++) difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
  return difference / scale;
}

describe.each(TENSOR_ENGINES)('%s agrees with the float64 reference', (name) => {
  it.each(SIZES)('$name: B $rows, d $d', async ({ rows, d, distinct, meanLength }) => {
    const { ops } = await loadBackend(name, d);
    const inputs = randomInputs(7, rows, d, distinct, meanLength);
    const expected = forwardAndGradients(createReferenceOps(), inputs);
    for (const [key, actual] of forwardAndGradients(ops, inputs)) {
      const isGradient = key.startsWith('d');
      expect(worst(actual, expected.get(key)!, isGradient ? 1e-5 : 1), key).toBeLessThan(isGradient ? 1e-3 : 2e-4);
    }
  });

  it('frees everything made in a scope', async () => {
    const { ops, liveTensors } = await loadBackend(name, 8);
    const inputs = randomInputs(7, 9, 8, 20, 3);
    forwardAndGradients(ops, inputs);
    const before = liveTensors();
    forwardAndGradients(ops, inputs);
    expect(liveTensors()).toBe(before);
  });
});
