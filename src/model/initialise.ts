import type { FloatArray, SeededRandom } from '../core/index.js';
import type { ParameterLayout } from './parameter-layout.js';

/** Start values (algorithm A.5, number 33): Xavier-uniform weights, zero biases, c = 1. Vectors count as [1, in]. */
export function initialise(layout: ParameterLayout, flat: FloatArray, random: SeededRandom): void {
  for (const { key, initialisation, tensorShape } of layout.matrices) {
    const values = layout.view(flat, key);
    if (initialisation !== 'xavier') {
      values.fill(initialisation === 'one' ? 1 : 0);
      continue;
    }
    const [out, into] = tensorShape.length === 1 ? [1, tensorShape[0]!] : [tensorShape[0]!, tensorShape[1]!];
    const limit = Math.sqrt(6 / (out + into));
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * limit;
  }
}
