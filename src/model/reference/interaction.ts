import { hasShape, type ReferenceMatrix, zeros } from './matrix.js';

/** m = z4's four blocks scaled by (1, v_u, v_t, v_s). */
export function scaleBlocks(z4: ReferenceMatrix, v: ReferenceMatrix): ReferenceMatrix {
  hasShape(v, z4.rows, 3, 'v');
  const d = z4.cols / 4;
  const m = zeros(z4.rows, z4.cols);
  for (let i = 0, at = 0; i < z4.rows; i++) {
    for (let k = 0; k < 4; k++) {
      const factor = k === 0 ? 1 : v.data[i * 3 + k - 1]!;
      for (let j = 0; j < d; j++, at++) m.data[at] = factor * z4.data[at]!;
    }
  }
  return m;
}

export function scaleBlocksGrad(z4: ReferenceMatrix, v: ReferenceMatrix, dm: ReferenceMatrix) {
  const d = z4.cols / 4;
  const dz4 = scaleBlocks(dm, v);
  const dv = zeros(z4.rows, 3);
  for (let i = 0; i < z4.rows; i++) {
    for (let k = 0; k < 3; k++) {
      const block = (i * 4 + k + 1) * d;
      for (let j = 0; j < d; j++) dv.data[i * 3 + k]! += dm.data[block + j]! * z4.data[block + j]!;
    }
  }
  return { dz4, dv };
}

/** z = 1/2 [(sum_i c_i m_i)^2 - sum_i (c_i m_i)^2], paper equation 7, no absolute value. */
export function biInteraction(m: ReferenceMatrix, c: ReferenceMatrix): ReferenceMatrix {
  hasShape(c, 1, 4, 'c');
  const d = m.cols / 4;
  const z = zeros(m.rows, d);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      let squares = 0;
      for (let k = 0; k < 4; k++) {
        const x = c.data[k]! * m.data[(i * 4 + k) * d + j]!;
        sum += x;
        squares += x * x;
      }
      z.data[i * d + j] = 0.5 * (sum * sum - squares);
    }
  }
  return z;
}

export function biInteractionGrad(m: ReferenceMatrix, c: ReferenceMatrix, dz: ReferenceMatrix) {
  const d = m.cols / 4;
  const dm = zeros(m.rows, m.cols);
  const dc = zeros(1, 4);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += c.data[k]! * m.data[(i * 4 + k) * d + j]!;
      for (let k = 0; k < 4; k++) {
        const at = (i * 4 + k) * d + j;
        const others = dz.data[i * d + j]! * (sum - c.data[k]! * m.data[at]!);
        dm.data[at] = c.data[k]! * others;
        dc.data[k]! += others * m.data[at]!;
      }
    }
  }
  return { dm, dc };
}
