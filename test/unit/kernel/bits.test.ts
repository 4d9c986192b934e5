import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { createFusedOps, type FusedMatrix } from '../../../src/kernel/fused-ops.js';

/**
 * The kernel promises the same bits on every machine and version of Node. A change of this digest is a change of every
 * model's bits: make it knowingly.
 */
const DIGEST = '92c50dfafaa7ed1a90298634cbd3a25a6a9f1d82870306fb583ea6ad4c005785';

it('gives the same bits everywhere', async () => {
  const ops = await createFusedOps();
  const random = new SeededRandom(20261124);
  const [n, d, items, out] = [11, 18, 9, 35];
  // next() only: logarithms and cosines are the JavaScript engine's own
  const draw = (rows: number, cols: number): FusedMatrix =>
    ops.upload(
      Float32Array.from({ length: rows * cols }, () => random.next() - 0.5),
      rows,
      cols,
    );
  const splits = Int32Array.from({ length: n + 1 }, (_, i) => (i * (i - 1)) / 2);
  const history = { splits, items: Int32Array.from({ length: splits[n]! }, () => random.below(items)) };

  const attention = { items: draw(items, d), history, q: draw(n, d), p: draw(n, d), W: draw(d, 4 * d), h: draw(1, d) };
  const attended = ops.attention(attention);
  const z4 = ops.concatColumns([attention.q, attention.p, attended.pooled, ops.bag(attention.items, history, true)]);
  const interest = { z4, V: draw(3 * d, 4 * d), g: draw(3, d), b: draw(1, 3), bias: 'outside' as const };
  const weighted = ops.interest(interest);
  const c = draw(1, 4);
  const m = ops.scaleBlocks(z4, weighted.weights);
  const z = ops.biInteraction(m, c);
  const layer = draw(out, d);
  const hidden = ops.addBias(ops.matmul(z, layer, false, true), draw(1, out), true);
  const f = ops.tanh(hidden);

  const dHidden = ops.reluGrad(ops.tanhGrad(draw(n, out), f), hidden);
  const dLayer = ops.matmul(dHidden, z, true, false);
  const { dm, dc } = ops.biInteractionGrad(m, c, ops.matmul(dHidden, layer, false, false));
  const scaled = ops.scaleBlocksGrad(z4, weighted.weights, dm);
  const interestGrad = ops.interestGrad(interest, weighted, scaled.dv);
  const dz4 = ops.add(scaled.dz4, interestGrad.dz4);
  const attentionGrad = ops.attentionGrad(attention, attended, ops.sliceColumns(dz4, 2 * d, d));

  const hash = createHash('sha256');
  const { dItems, dq, dp, dW, dh } = attentionGrad;
  for (const x of [f, dLayer, dc, ops.sumRows(dHidden), interestGrad.dV, interestGrad.dg, dItems, dq, dp, dW, dh]) {
    hash.update(ops.download(x, new Float32Array(x.rows * x.cols)));
  }
  expect(hash.digest('hex')).toBe(DIGEST);
});
