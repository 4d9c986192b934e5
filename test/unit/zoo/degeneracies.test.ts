import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { DeviceParameters } from '../../../src/model/device-parameters.js';
import { concat } from '../../../src/model/layers.js';
import { attend, interestWeights, scaleBlocks } from '../../../src/model/paper-layers.js';
import { ParameterLayout } from '../../../src/model/parameter-layout.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { Tape } from '../../../src/model/tape.js';
import { zooModel } from '../../../src/zoo/index.js';
import { mixedInterest } from '../../../src/zoo/mixed-interest.js';
import { copyShared, evaluate, smallOptions, withRows, type ZooProblem, zooProblem } from './problem.js';

const SEED = 5;

function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 12);
}

/** Columns [from, to) of all rows. */
function columns(data: Float64Array, width: number, from: number, to: number): Float64Array {
  return data.filter((_, i) => i % width >= from && i % width < to);
}

describe('towers (algorithm F.11)', () => {
  const plain = zooProblem(SEED, zooModel(smallOptions('mlp++')));
  const same = (other: ZooProblem): ZooProblem => {
    copyShared(plain, other);
    return withRows(other, plain.embedded.embeddings);
  };

  it.each([false, true])('CSN with stitches (1, 0) is MLP++ (before the output too: %s)', (beforeOutput) => {
    const csn = same(zooProblem(SEED, zooModel(smallOptions('csn', { csn: { beforeOutput } }))));
    for (const { key } of csn.model.layout.matrices) {
      if (key.startsWith('stitch.')) csn.model.layout.view(csn.flat, key).set([1, 0]);
    }
    const [a, b] = [evaluate(csn), evaluate(plain)];
    close(a.losses.prediction, b.losses.prediction);
    close(a.rows, b.rows);
  });

  it('CoNet with H = 0 is MLP++', () => {
    const conet = same(zooProblem(SEED, zooModel(smallOptions('conet'))));
    for (const key of ['H.0', 'H.1']) conet.model.layout.view(conet.flat, key).fill(0);
    const [a, b] = [evaluate(conet), evaluate(plain)];
    close(a.losses.prediction, b.losses.prediction);
    close(a.rows, b.rows);
  });

  it('other stitches and other cross units are not', () => {
    for (const kind of ['csn', 'conet'] as const) {
      const other = same(zooProblem(SEED, zooModel(smallOptions(kind))));
      const [a, b] = [evaluate(other), evaluate(plain)];
      expect(Math.abs(a.losses.total - b.losses.total)).toBeGreaterThan(1e-6);
    }
  });
});

describe('first-order parts', () => {
  const d = 3;
  const wide = zooProblem(SEED, zooModel(smallOptions('wide-deep')));

  it('Wide & Deep whose MLP gives 0 is logistic regression', () => {
    const { layout } = wide.model;
    const silent: ZooProblem = { ...wide, flat: wide.flat.slice() };
    layout.view(silent.flat, 'dnn.2.W').fill(0);
    layout.view(silent.flat, 'dnn.2.b').fill(0);
    const lr = withRows(
      zooProblem(SEED, zooModel(smallOptions('lr'))),
      columns(wide.embedded.embeddings, d + 1, d, d + 1),
    );
    copyShared(silent, lr);
    lr.model.layout.view(lr.flat, 'na').set(columns(layout.view(silent.flat, 'na'), d + 1, d, d + 1));
    const [a, b] = [evaluate(silent), evaluate(lr)];
    close(a.losses.prediction, b.losses.prediction);
    close(columns(a.rows, d + 1, d, d + 1), b.rows);
  });

  it('NFM whose MLP is the sum is FM', () => {
    const fm = zooProblem(SEED, zooModel(smallOptions('fm')));
    const nfm = withRows(zooProblem(SEED, zooModel(smallOptions('nfm', { hidden: [] }))), fm.embedded.embeddings);
    copyShared(fm, nfm);
    nfm.model.layout.view(nfm.flat, 'dnn.0.W').fill(1);
    nfm.model.layout.view(nfm.flat, 'dnn.0.b').fill(0);
    const [a, b] = [evaluate(nfm), evaluate(fm)];
    close(a.losses.prediction, b.losses.prediction);
    close(a.rows, b.rows);
  });

  it.each([false, true])('xDeepFM whose interaction network weighs nothing is Wide & Deep (split: %s)', (split) => {
    const options = smallOptions('xdeepfm', { xdeepfm: { maps: [4, 3], activation: 'relu', split } });
    const xdeepfm = withRows(zooProblem(SEED, zooModel(options)), wide.embedded.embeddings);
    copyShared(wide, xdeepfm);
    xdeepfm.model.layout.view(xdeepfm.flat, 'cin.out').fill(0);
    const [a, b] = [evaluate(xdeepfm), evaluate(wide)];
    close(a.losses.prediction, b.losses.prediction);
    close(a.rows, b.rows);
  });

  it('DIN whose attention gives 0 does not read histories', () => {
    const din = zooProblem(SEED, zooModel(smallOptions('din')));
    for (const name of ['att.t.2', 'att.s.2']) {
      din.model.layout.view(din.flat, `${name}.W`).fill(0);
      din.model.layout.view(din.flat, `${name}.b`).fill(0);
    }
    const none = { splits: new Int32Array(9), items: new Int32Array(0) };
    const batch = { ...din.embedded.batch, histT: none, histS: none };
    const without: ZooProblem = { ...din, embedded: { ...din.embedded, batch } };
    close(evaluate(din).losses.prediction, evaluate(without).losses.prediction);
  });
});

it("MiNet's m with Ha Hb = I is DADIN's with the bias inside", () => {
  const d = 3;
  const ops = createReferenceOps();
  const { embedded } = zooProblem(SEED, zooModel(smallOptions('minet')));
  const { batch } = embedded;
  const random = new SeededRandom(SEED, 'minet');
  // without hidden layers the target's logit is a row of weights times m: one-hot rows read m column by column
  const model = mixedInterest([], { rank: d, sourceWeight: 1 });
  const layout = new ParameterLayout(model.matrices(d));
  const flat = Float64Array.from({ length: layout.length }, () => 0.5 * random.normal());
  for (const key of ['Ha', 'Hb']) layout.view(flat, key).set([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  layout.view(flat, 't.0.b').fill(0);
  const drawn = (rows: number) =>
    ops.upload(
      Float64Array.from({ length: rows * d }, () => random.normal()),
      rows,
      d,
    );
  const items = drawn(batch.itemSplits.length - 1);
  const [user, itemT, itemS] = [drawn(batch.size), drawn(batch.size), drawn(batch.size)];

  const tape = new Tape(ops, false);
  const [p, q, all] = [tape.constant(user), tape.constant(itemT), tape.constant(items)];
  const w = new DeviceParameters(tape, layout, flat);
  const a = attend(tape, all, batch.histT, q, p, w.get('att.t.W'), w.get('att.t.h')).pooled;
  const b = attend(tape, all, batch.histS, q, p, w.get('att.s.W'), w.get('att.s.h')).pooled;
  const z4 = concat(tape, [q, p, a, b]);
  const v = interestWeights(tape, z4, w.get('int.V'), w.get('int.g'), w.get('int.b'), 'inside');
  const m = scaleBlocks(tape, z4, v).value.data;

  for (let j = 0; j < 4 * d; j++) {
    layout.view(flat, 't.0.W').fill(0)[j] = 1;
    const { target } = model.logits(tape, new DeviceParameters(tape, layout, flat), {
      user: p,
      itemT: q,
      itemS: tape.constant(itemS),
      items: all,
      histT: batch.histT,
      histS: batch.histS,
    });
    close(
      target.value.data,
      m.filter((_, i) => i % (4 * d) === j),
    );
  }
});
