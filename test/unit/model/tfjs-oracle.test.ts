import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ragged } from '../../../src/core/index.js';
import type { ModelOptions } from '../../../src/model/model-options.js';
import { modelParts } from '../../../src/model/model-options.js';
import { SMALL_MODEL } from './options.js';
import { evaluate, type SmallProblem, smallProblem } from './small-problem.js';

// DADIN written once more, plainly and padded, with public tfjs operations; its gradients are tfjs's own. Float32.

type Weights = Record<string, tf.Tensor>;

/** [B, L] item numbers and a mask of valid positions. */
function padded({ splits, items }: Ragged): { index: tf.Tensor2D; mask: tf.Tensor2D } {
  const rows = Array.from({ length: splits.length - 1 }, (_, i) => [...items.slice(splits[i], splits[i + 1])]);
  const L = Math.max(1, ...rows.map((row) => row.length));
  const fill = (row: number[], value: number) => [...row, ...new Array<number>(L - row.length).fill(value)];
  return {
    index: tf.tensor2d(
      rows.map((row) => fill(row, 0)),
      [rows.length, L],
      'int32',
    ),
    mask: tf.tensor2d(
      rows.map((row) =>
        fill(
          row.map(() => 1),
          0,
        ),
      ),
      [rows.length, L],
    ),
  };
}

/** [lists, R] how often each row stands in each list, so that pooling is a product. */
function counts({ splits, items }: Ragged, rows: number): tf.Tensor2D {
  const all = Array.from({ length: splits.length - 1 }, (_, i) => {
    const row = new Array<number>(rows).fill(0);
    for (const item of items.slice(splits[i], splits[i + 1])) row[item]!++;
    return row;
  });
  return tf.tensor2d(all);
}

function crossEntropy(logit: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return logit.relu().sub(logit.mul(target)).add(logit.abs().neg().exp().log1p());
}

/** L = L_y + L_d + alpha L_d0 + (1 - alpha) L_d1 with the reversal as the identity (lambda_grl = -1), yhat attached. */
function totalLoss({ options, embedded }: SmallProblem, E: tf.Tensor, w: Weights, inClass1: tf.Tensor): tf.Scalar {
  const { batch, userFeatures, itemFeatures, embeddingRows } = embedded;
  const parts = modelParts(options);
  const d = options.width;
  const B = batch.size;
  const get = (name: string) => w[name]!;
  const p = counts(userFeatures, embeddingRows).matMul(E as tf.Tensor2D); // [B,d]
  const items = counts(itemFeatures, embeddingRows).matMul(E as tf.Tensor2D); // [U,d]
  const q = tf.gather(items, tf.tensor1d([...batch.candidate], 'int32')); // [B,d]
  const attend = (history: Ragged, name: string): tf.Tensor => {
    const { index, mask } = padded(history);
    const L = index.shape[1];
    const r = tf.gather(items, index.flatten()).reshape([B, L, d]);
    if (!parts.attention) {
      return r.mul(mask.expandDims(2)).sum(1).div(mask.sum(1, true).maximum(1));
    }
    const wide = (x: tf.Tensor) => x.expandDims(1).tile([1, L, 1]);
    const x = tf.concat([r, wide(q), wide(p), r.mul(wide(q))], 2).reshape([B * L, 4 * d]); // [BL,4d]
    const s = tf
      .matMul(x, get(`att.${name}.W`), false, true)
      .relu()
      .matMul(get(`att.${name}.h`).reshape([d, 1]));
    const e = s.reshape([B, L]).exp().mul(mask); // [B,L]
    const beta = e.div(e.sum(1, true).add(mask.sum(1, true).equal(0).cast('float32')));
    return r.mul(beta.expandDims(2)).sum(1); // [B,d]
  };
  const [a, b] = [attend(batch.histT, 't'), attend(batch.histS, 's')];
  const z4 = tf.concat([q, p, a, b], 1); // [B,4d]
  const v = (k: string): tf.Tensor => {
    if (!parts.interest) return tf.ones([B, 1]);
    const s = tf
      .matMul(z4, get(`int.${k}.V`), false, true)
      .relu()
      .matMul(get(`int.${k}.g`).reshape([d, 1]));
    return options.interestBias === 'inside' ? s.add(get(`int.${k}.b`)).exp() : s.exp().add(get(`int.${k}.b`));
  };
  const m = [q, p.mul(v('u')), a.mul(v('t')), b.mul(v('s'))]; // 4 x [B,d]
  let x: tf.Tensor;
  if (parts.biInteraction) {
    const scaled = m.map((part, i) => part.mul(get('bi.c').slice(i, 1)));
    x = scaled
      .slice(1)
      .reduce((sum: tf.Tensor, part) => sum.add(part), scaled[0]!)
      .square(); // [B,d]
    for (const part of scaled) x = x.sub(part.square());
    x = x.mul(0.5);
  } else {
    x = tf.concat(m, 1);
  }
  const network = (name: string, input: tf.Tensor) =>
    options.hidden.reduce((y, _, i) => {
      const sum = tf.matMul(y, get(`${name}.${i}.W`), false, true).add(get(`${name}.${i}.b`));
      return i < options.hidden.length - 1 || options.lastActivation === 'act' ? sum.relu() : sum;
    }, input);
  const hSpec = parts.dnn ? network('dnn', x) : x;
  const hDA = parts.domainAgnostic ? network('da', hSpec) : hSpec;
  const h = parts.domainAgnostic ? hDA.add(hSpec) : hSpec;
  const h1 = tf.matMul(h, get('pred.W1'), false, true).add(get('pred.b1'));
  const logit = tf.matMul(h1, get('pred.W2'), false, true).add(get('pred.b2')).reshape([B]);
  const yhat = logit.sigmoid();

  const f = options.discriminatorInput === 'tanh' ? hDA.tanh() : hDA;
  const judge = (name: string, scale: tf.Tensor) =>
    tf
      .matMul(f.mul(scale.reshape([B, 1])), get(`dom.${name}.W`), false, true)
      .add(get(`dom.${name}.b`))
      .reshape([B]);
  const domain = tf.tensor1d([...batch.domain], 'float32');
  const over = (losses: tf.Tensor, set: tf.Tensor) => losses.mul(set).sum().div(set.sum().maximum(1));
  const Ly = crossEntropy(logit, tf.tensor1d([...batch.label])).mean();
  const Ld = crossEntropy(judge('global', tf.onesLike(yhat)), domain).mean();
  const Ld1 = over(crossEntropy(judge('c1', yhat), domain), inClass1);
  const Ld0 = over(crossEntropy(judge('c0', tf.scalar(1).sub(yhat)), domain), tf.scalar(1).sub(inClass1));
  const { lambda1, alpha } = options;
  const lambda2 = options.ablation === 7 ? 0 : options.lambda2;
  const lambda3 = options.ablation === 8 ? 0 : options.lambda3;
  const classes = Ld0.mul(alpha).add(Ld1.mul(1 - alpha));
  return Ly.mul(lambda1).add(Ld.mul(lambda2)).add(classes.mul(lambda3)).asScalar();
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the tape agrees with tfjs autograd', () => {
  const base: ModelOptions = { ...SMALL_MODEL, detachYhat: false, lambda2: 0.7, lambda3: 0.9, alpha: 0.3 };
  it.each<[string, Partial<ModelOptions>]>([
    ['as printed', {}],
    [
      'bias inside, tanh, linear last layer',
      { interestBias: 'inside', discriminatorInput: 'tanh', lastActivation: 'linear' },
    ],
    ...Array.from({ length: 8 }, (_, i): [string, Partial<ModelOptions>] => [`ablation ${i + 1}`, { ablation: i + 1 }]),
  ])('%s', (_, change) => {
    const problem = smallProblem(41, { ...base, ...change });
    const { losses, dense, rows } = evaluate(problem, { reversal: -1 });
    const named = problem.layout.tensors(problem.flat);
    const inClass1 = tf.tensor1d(Array.from(losses.prediction, (yhat) => (yhat >= 0.5 ? 1 : 0)));
    const E = tf.tensor2d([...problem.embedded.embeddings], [problem.embedded.embeddingRows, problem.options.width]);
    const values = named.map(({ data, shape }) => tf.tensor([...data], [...shape]));
    const loss = (E: tf.Tensor, ...weights: tf.Tensor[]) =>
      totalLoss(problem, E, Object.fromEntries(named.map(({ name }, i) => [name, weights[i]!])), inClass1);
    expect(loss(E, ...values).dataSync()[0]).toBeCloseTo(losses.total, 5);
    const gradients = tf.grads(loss)([E, ...values]);
    const expected: Float64Array[] = [rows, ...problem.layout.tensors(dense).map(({ data }) => data)];
    gradients.forEach((gradient, k) => {
      const actual = gradient.dataSync();
      expect(actual.length).toBe(expected[k]!.length);
      for (const [i, g] of expected[k]!.entries()) {
        expect(Math.abs(actual[i]! - g), named[k - 1]?.name ?? 'embeddings').toBeLessThan(1e-3 * Math.abs(g) + 1e-5);
      }
    });
    tf.dispose([E, inClass1, ...values, ...gradients]);
  });
});
