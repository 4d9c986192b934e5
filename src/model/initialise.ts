import type { FloatArray, SeededRandom } from '../core/index.js';
import type { ParameterLayout } from './parameter-layout.js';

/**
 * Start values (algorithm A.5, number 33): zero biases, c = 1, Xavier-uniform weights, except in front of a ReLU: there
 * He-uniform (He et al. 2015). With Xavier's a signal that starts at some .007, as the interactions' does, is down to .0006
 * six layers on, below Adam's first steps of the biases: those switch whole layers off, and one run in twenty never learns.
 * Vectors count as [1, in].
 */
export function initialise(layout: ParameterLayout, flat: FloatArray, random: SeededRandom): void {
  for (const { key, initialisation, tensorShape } of layout.matrices) {
    const values = layout.view(flat, key);
    if (initialisation === 'zero' || initialisation === 'one') {
      values.fill(initialisation === 'one' ? 1 : 0);
      continue;
    }
    const [out, into] = tensorShape.length === 1 ? [1, tensorShape[0]!] : [tensorShape[0]!, tensorShape[1]!];
    const limit = Math.sqrt(6 / (initialisation === 'he' ? into : out + into));
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * limit;
  }
}
