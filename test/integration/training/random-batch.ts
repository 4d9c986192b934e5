import { type Ops, type Ragged, SeededRandom } from '../../../src/core/index.js';

/** Seeded inputs of a step in the shapes of the paper: everything the operations on histories and blocks read. */
export interface Inputs {
  readonly rows: number;
  readonly d: number;
  readonly items: Float64Array;
  readonly q: Float64Array;
  readonly p: Float64Array;
  readonly W: Float64Array;
  readonly h: Float64Array;
  readonly V: Float64Array;
  readonly g: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
  readonly history: Ragged;
  readonly distinct: number;
}

export function randomInputs(seed: number, rows: number, d: number, distinct: number, meanLength: number): Inputs {
  const random = new SeededRandom(seed, 'inputs');
  const floats = (n: number, scale: number) =>
    Float64Array.from({ length: n }, () => Math.fround(random.normal() * scale));
  const splits = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) splits[i + 1] = splits[i]! + random.below(2 * meanLength + 1);
  const weight = Math.sqrt(1 / d);
  return {
    rows,
    d,
    distinct,
    items: floats(distinct * d, 0.5),
    q: floats(rows * d, 0.5),
    p: floats(rows * d, 0.5),
    W: floats(4 * d * d, weight),
    h: floats(d, weight),
    V: floats(12 * d * d, weight / 2),
    g: floats(3 * d, weight / 2),
    b: floats(3, 0.5),
    c: floats(4, 1),
    history: { splits, items: Int32Array.from({ length: splits[rows]! }, () => random.below(distinct)) },
  };
}

/** Forward and backward through every composed operation; all results by name. */
export function forwardAndGradients<T>(ops: Ops<T>, x: Inputs): Map<string, Float64Array> {
  const results = new Map<string, Float64Array>();
  ops.scope(() => {
    const keep = (name: string, matrix: T) => {
      const [r, c] = ops.shape(matrix);
      results.set(name, ops.download(matrix, new Float64Array(r * c)));
    };
    const { rows, d } = x;
    const q = ops.upload(x.q, rows, d);
    const p = ops.upload(x.p, rows, d);
    const items = ops.upload(x.items, x.distinct, d);
    const attending = { items, history: x.history, q, p, W: ops.upload(x.W, d, 4 * d), h: ops.upload(x.h, 1, d) };
    const attended = ops.attention(attending);
    const bagged = ops.bag(items, x.history, true);
    const z4 = ops.concatColumns([q, p, attended.pooled, bagged]);
    const interested = {
      z4,
      V: ops.upload(x.V, 3 * d, 4 * d),
      g: ops.upload(x.g, 3, d),
      b: ops.upload(x.b, 1, 3),
      bias: 'outside' as const,
    };
    const weights = ops.interest(interested);
    const m = ops.scaleBlocks(z4, weights.weights);
    const c = ops.upload(x.c, 1, 4);
    const z = ops.biInteraction(m, c);
    keep('pooled', attended.pooled);
    keep('beta', attended.beta);
    keep('weights', weights.weights);
    keep('z', z);

    const { dm, dc } = ops.biInteractionGrad(m, c, ops.scale(z, 1 / rows)); // of |z|^2 / 2B
    const { dz4: dz4Scaled, dv } = ops.scaleBlocksGrad(z4, weights.weights, dm);
    const interest = ops.interestGrad(interested, weights, dv);
    const dz4 = ops.add(dz4Scaled, interest.dz4);
    const dPooled = ops.sliceColumns(dz4, 2 * d, d);
    const attention = ops.attentionGrad(attending, attended, dPooled);
    const dItems = ops.add(attention.dItems, ops.bagGrad(ops.sliceColumns(dz4, 3 * d, d), x.history, x.distinct, true));
    keep('dc', dc);
    keep('dV', interest.dV);
    keep('dg', interest.dg);
    keep('db', interest.db);
    keep('dW', attention.dW);
    keep('dh', attention.dh);
    keep('dq', ops.add(ops.sliceColumns(dz4, 0, d), attention.dq));
    keep('dp', ops.add(ops.sliceColumns(dz4, d, d), attention.dp));
    keep('dItems', dItems);
  });
  return results;
}
