import type { AttentionGrad, AttentionInput, AttentionOutput, Ragged } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';

/**
 * Item attention (paper equations 2 and 3) over packed histories. W [d,4d] has the column blocks r, q, p, r*q; the r block
 * is applied once to every distinct item before the gather, the q and p blocks once to every row, and only the r*q block
 * to every history place. The softmax over ragged lists runs here on the downloaded scores: two crossings are cheaper
 * than the seven segment operations it would take, and every engine then has the same exponential.
 */
export function attention<T>(ops: BasicOps<T>, input: AttentionInput<T>): AttentionOutput<T> {
  const { items, history, q, p, W, h } = input;
  const [rows, d] = ops.shape(q);
  const n = history.items.length;
  if (n === 0) {
    return {
      pooled: ops.upload(new Float32Array(rows * d), rows, d),
      beta: ops.upload(new Float32Array(0), 0, 1),
      saved: [],
    };
  }
  const [Wr, Wqp, Wx] = [ops.sliceColumns(W, 0, d), ops.sliceColumns(W, d, 2 * d), ops.sliceColumns(W, 3 * d, d)];
  const qp = ops.concatColumns([q, p]); // [B,2d]
  const mapped = ops.matmul(items, Wr, false, true); // [U,d]
  const base = ops.matmul(qp, Wqp, false, true); // [B,d]
  const r = ops.gatherItems(items, history); // [N,d]
  const qAt = ops.gatherRows(q, history); // [N,d]
  const x = ops.multiply(r, qAt); // [N,d]
  const hidden = ops.reluOfSum([
    ops.matmul(x, Wx, false, true),
    ops.gatherItems(mapped, history),
    ops.gatherRows(base, history),
  ]); // [N,d]
  const scores = ops.download(ops.matmul(hidden, h, false, true), new Float32Array(n)); // [N]
  const beta = ops.upload(softmax(scores, history), n, 1);
  return { pooled: ops.weightedBag(items, history, beta), beta, saved: [r, qAt, x, hidden, qp, Wr, Wqp, Wx] };
}

export function attentionGrad<T>(
  ops: BasicOps<T>,
  input: AttentionInput<T>,
  output: AttentionOutput<T>,
  dPooled: T,
): AttentionGrad<T> {
  const { items, history, q, h } = input;
  const [rows, d] = ops.shape(q);
  const [count] = ops.shape(items);
  const n = history.items.length;
  if (n === 0) {
    const zeros = (r: number, c: number) => ops.upload(new Float32Array(r * c), r, c);
    return { dItems: zeros(count, d), dq: zeros(rows, d), dp: zeros(rows, d), dW: zeros(d, 4 * d), dh: zeros(1, d) };
  }
  // four of [N,d], [B,2d], then the column blocks of W
  const [r, qAt, x, hidden, qp, Wr, Wqp, Wx] = output.saved as readonly [T, T, T, T, T, T, T, T];
  const dBeta = ops.sumColumns(ops.multiply(r, ops.gatherRows(dPooled, history))); // [N,1]
  const beta = ops.download(output.beta, new Float32Array(n));
  const dScores = ops.upload(softmaxGrad(beta, ops.download(dBeta, new Float32Array(n)), history), n, 1); // [N,1]

  const dHidden = ops.reluGrad(ops.matmul(dScores, h, false, false), hidden); // [N,d]
  const dMapped = ops.scatterItems(dHidden, history, count); // [U,d]
  const dBase = ops.scatterRows(dHidden, history); // [B,d]
  const dx = ops.matmul(dHidden, Wx, false, false); // [N,d]
  const dqp = ops.matmul(dBase, Wqp, false, false); // [B,2d]

  const dItems = ops.sum([
    ops.matmul(dMapped, Wr, false, false),
    ops.weightedBagGrad(dPooled, history, output.beta, count),
    ops.scatterItems(ops.multiply(dx, qAt), history, count),
  ]); // [U,d]
  const dq = ops.add(ops.scatterRows(ops.multiply(dx, r), history), ops.sliceColumns(dqp, 0, d)); // [B,d]
  const dW = ops.concatColumns([
    ops.matmul(dMapped, items, true, false),
    ops.matmul(dBase, qp, true, false),
    ops.matmul(dHidden, x, true, false),
  ]); // [d,4d]
  return { dItems, dq, dp: ops.sliceColumns(dqp, d, d), dW, dh: ops.matmul(dScores, hidden, true, false) };
}

/** Softmax within each row's list, in place. */
function softmax(scores: Float32Array, { splits }: Ragged): Float32Array {
  for (let i = 0; i + 1 < splits.length; i++) {
    const start = splits[i]!;
    const end = splits[i + 1]!;
    let max = Number.NEGATIVE_INFINITY;
    for (let j = start; j < end; j++) max = Math.max(max, scores[j]!);
    let sum = 0;
    for (let j = start; j < end; j++) {
      const e = Math.exp(scores[j]! - max);
      scores[j] = e;
      sum += e;
    }
    for (let j = start; j < end; j++) scores[j] = scores[j]! / sum;
  }
  return scores;
}

/** ds = beta (dBeta - sum of beta dBeta) within each row's list; written over `dBeta`. */
function softmaxGrad(beta: Float32Array, dBeta: Float32Array, { splits }: Ragged): Float32Array {
  for (let i = 0; i + 1 < splits.length; i++) {
    const start = splits[i]!;
    const end = splits[i + 1]!;
    let mean = 0;
    for (let j = start; j < end; j++) mean += beta[j]! * dBeta[j]!;
    for (let j = start; j < end; j++) dBeta[j] = beta[j]! * (dBeta[j]! - mean);
  }
  return dBeta;
}
