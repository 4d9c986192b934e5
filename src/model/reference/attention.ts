import type { AttentionGrad, AttentionInput, AttentionOutput } from '../../core/index.js';
import { hasShape, type ReferenceMatrix, zeros } from './matrix.js';

/**
 * Item attention, paper equations 2 and 3, in the order of algorithm A.1 steps 2 and 3. Saves u = relu(W x_l) [N,d].
 */
export function attention(input: AttentionInput<ReferenceMatrix>): AttentionOutput<ReferenceMatrix> {
  const { items, history, q, W, h } = input;
  const { splits } = history;
  const d = items.cols;
  const B = splits.length - 1;
  hasShape(W, d, 4 * d, 'W');
  hasShape(h, 1, d, 'h');
  const pooled = zeros(B, d);
  const beta = zeros(history.items.length, 1);
  const u = zeros(history.items.length, d);
  const x = new Float64Array(4 * d);
  hasShape(q, B, d, 'q');
  for (let i = 0; i < B; i++) {
    let top = Number.NEGATIVE_INFINITY;
    for (let l = splits[i]!; l < splits[i + 1]!; l++) {
      fillX(input, i, l, x);
      let score = 0;
      for (let o = 0; o < d; o++) {
        let sum = 0;
        for (let j = 0; j < 4 * d; j++) sum += W.data[o * 4 * d + j]! * x[j]!;
        const active = Math.max(sum, 0);
        u.data[l * d + o] = active;
        score += h.data[o]! * active;
      }
      beta.data[l] = score;
      if (!(score <= top)) top = score;
    }
    let total = 0;
    for (let l = splits[i]!; l < splits[i + 1]!; l++) {
      beta.data[l] = Math.exp(beta.data[l]! - top);
      total += beta.data[l]!;
    }
    for (let l = splits[i]!; l < splits[i + 1]!; l++) {
      beta.data[l]! /= total;
      const from = history.items[l]! * d;
      for (let j = 0; j < d; j++) pooled.data[i * d + j]! += beta.data[l]! * items.data[from + j]!;
    }
  }
  return { pooled, beta, saved: [u] };
}

/** Adjoint of `attention`, algorithm A.3. */
export function attentionGrad(
  input: AttentionInput<ReferenceMatrix>,
  output: AttentionOutput<ReferenceMatrix>,
  dPooled: ReferenceMatrix,
): AttentionGrad<ReferenceMatrix> {
  const { items, history, q, W, h } = input;
  const { splits } = history;
  const d = items.cols;
  const B = splits.length - 1;
  const beta = output.beta.data;
  const u = output.saved[0]!;
  const dItems = zeros(items.rows, d);
  const dq = zeros(B, d);
  const dp = zeros(B, d);
  const dW = zeros(d, 4 * d);
  const dh = zeros(1, d);
  const dBeta = new Float64Array(history.items.length);
  const x = new Float64Array(4 * d);
  const dx = new Float64Array(4 * d);
  for (let i = 0; i < B; i++) {
    let mean = 0;
    for (let l = splits[i]!; l < splits[i + 1]!; l++) {
      const from = history.items[l]! * d;
      for (let j = 0; j < d; j++) dBeta[l]! += items.data[from + j]! * dPooled.data[i * d + j]!;
      mean += beta[l]! * dBeta[l]!;
    }
    for (let l = splits[i]!; l < splits[i + 1]!; l++) {
      const dScore = beta[l]! * (dBeta[l]! - mean);
      fillX(input, i, l, x);
      dx.fill(0);
      for (let o = 0; o < d; o++) {
        const active = u.data[l * d + o]!;
        dh.data[o]! += dScore * active;
        if (!(active > 0)) continue;
        const dSum = dScore * h.data[o]!;
        for (let j = 0; j < 4 * d; j++) {
          dW.data[o * 4 * d + j]! += dSum * x[j]!;
          dx[j]! += dSum * W.data[o * 4 * d + j]!;
        }
      }
      const from = history.items[l]! * d;
      for (let j = 0; j < d; j++) {
        const r = items.data[from + j]!;
        dItems.data[from + j]! += beta[l]! * dPooled.data[i * d + j]! + dx[j]! + dx[3 * d + j]! * q.data[i * d + j]!;
        dq.data[i * d + j]! += dx[d + j]! + dx[3 * d + j]! * r;
        dp.data[i * d + j]! += dx[2 * d + j]!;
      }
    }
  }
  return { dItems, dq, dp, dW, dh };
}

/** x [4d] = r | q | p | r * q of row i's history position l. */
function fillX({ items, history, q, p }: AttentionInput<ReferenceMatrix>, i: number, l: number, x: Float64Array) {
  const d = items.cols;
  const item = history.items[l]!;
  if (item < 0 || item >= items.rows) throw new RangeError(`history item ${item} of ${items.rows}`);
  for (let j = 0; j < d; j++) {
    const r = items.data[item * d + j]!;
    const qj = q.data[i * d + j]!;
    x[j] = r;
    x[d + j] = qj;
    x[2 * d + j] = p.data[i * d + j]!;
    x[3 * d + j] = r * qj;
  }
}
