import type { InterestGrad, InterestInput, InterestOutput } from '../../core/index.js';
import { hasShape, type ReferenceMatrix, zeros } from './matrix.js';
import { matmul } from './matrix-ops.js';

/** Overflow guard of algorithm A.5 number 2. */
const CLAMP = 15;

/** Interest weights, paper equations 5 and 6. Saves u = relu(V z4) [B,3d], and e [B,3], 0 where it carries no gradient. */
export function interest({ z4, V, g, b, bias }: InterestInput<ReferenceMatrix>): InterestOutput<ReferenceMatrix> {
  const B = z4.rows;
  const d = g.cols;
  hasShape(V, 3 * d, z4.cols, 'V');
  hasShape(g, 3, d, 'g');
  hasShape(b, 1, 3, 'b');
  const u = matmul(z4, V, false, true);
  for (let i = 0; i < u.data.length; i++) u.data[i] = Math.max(u.data[i]!, 0);
  const weights = zeros(B, 3);
  const e = zeros(B, 3);
  for (let i = 0; i < B; i++) {
    for (let k = 0; k < 3; k++) {
      let exponent = bias === 'inside' ? b.data[k]! : 0;
      for (let j = 0; j < d; j++) exponent += g.data[k * d + j]! * u.data[(i * 3 + k) * d + j]!;
      const value = Math.exp(Math.min(exponent, CLAMP));
      weights.data[i * 3 + k] = bias === 'inside' ? value : value + b.data[k]!;
      e.data[i * 3 + k] = exponent > CLAMP ? 0 : value;
    }
  }
  return { weights, saved: [u, e] };
}

/** Adjoint of `interest`, algorithm A.3. */
export function interestGrad(
  { z4, V, g, bias }: InterestInput<ReferenceMatrix>,
  output: InterestOutput<ReferenceMatrix>,
  dWeights: ReferenceMatrix,
): InterestGrad<ReferenceMatrix> {
  const B = z4.rows;
  const d = g.cols;
  const u = output.saved[0]!;
  const e = output.saved[1]!;
  const du = zeros(B, 3 * d);
  const dg = zeros(3, d);
  const db = zeros(1, 3);
  for (let i = 0; i < B; i++) {
    for (let k = 0; k < 3; k++) {
      const dv = dWeights.data[i * 3 + k]!;
      const dExponent = dv * e.data[i * 3 + k]!;
      db.data[k]! += bias === 'inside' ? dExponent : dv;
      for (let j = 0; j < d; j++) {
        const active = u.data[(i * 3 + k) * d + j]!;
        dg.data[k * d + j]! += dExponent * active;
        if (active > 0) du.data[(i * 3 + k) * d + j] = dExponent * g.data[k * d + j]!;
      }
    }
  }
  return { dz4: matmul(du, V, false, false), dV: matmul(du, z4, true, false), dg, db };
}
