import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';

it('bi-interaction is the sum over pairs of blocks, negative entries included', () => {
  const ops = createReferenceOps();
  const random = new SeededRandom(5);
  const [B, d] = [6, 3];
  const m = ops.upload(
    Float64Array.from({ length: B * 4 * d }, () => random.normal()),
    B,
    4 * d,
  );
  const c = ops.upload(
    Float64Array.from({ length: 4 }, () => random.normal()),
    1,
    4,
  );
  const z = ops.biInteraction(m, c);
  let negative = 0;
  for (let i = 0; i < B; i++) {
    for (let j = 0; j < d; j++) {
      let pairs = 0;
      for (let k = 0; k < 4; k++) {
        for (let l = k + 1; l < 4; l++) {
          pairs += c.data[k]! * m.data[(i * 4 + k) * d + j]! * c.data[l]! * m.data[(i * 4 + l) * d + j]!;
        }
      }
      if (pairs < 0) negative++;
      expect(z.data[i * d + j]).toBeCloseTo(pairs, 12);
    }
  }
  expect(negative).toBeGreaterThan(0);
});
