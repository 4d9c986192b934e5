import { describe, expect, it } from 'vitest';
import { type Ragged, SeededRandom } from '../../../src/core/index.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { dadinModel, stepInOnePiece, ZOO_KINDS, type ZooKind, zooModel, zooOptions } from '../../../src/zoo/index.js';
import { SMALL_MODEL } from '../model/options.js';
import { smallProblem } from '../model/small-problem.js';
import { evaluate, smallOptions, type ZooProblem, zooProblem } from './problem.js';

const CROSS_DOMAIN: readonly ZooKind[] = ['mlp++', 'csn', 'conet', 'minet', 'mv-dnn'];
const SINGLE_DOMAIN = ZOO_KINDS.filter((kind) => !CROSS_DOMAIN.includes(kind));

describe('parameter counts (algorithm F.22), d = 64', () => {
  const hidden = [512, 128, 64];
  const layout = (kind: ZooKind, units = hidden) => zooModel(zooOptions(kind, 64, units)).layout;

  it('MLP++ towers 280 066', () => expect(layout('mlp++').length).toBe(280_066));

  it('FM 65 V + 1, the two na_value counting as values', () => {
    const V = 1000;
    const { rowWidth } = zooModel(zooOptions('fm', 64, []));
    expect((V - 2) * rowWidth + layout('fm').length).toBe(65 * V + 1);
  });

  it('LR V + 1', () => {
    const V = 1000;
    expect((V - 2) * zooModel(zooOptions('lr', 64, [])).rowWidth + layout('lr').length).toBe(V + 1);
  });

  it('NFM is FM and an MLP of 559 105', () => {
    expect(layout('nfm', [512, 512, 512]).length - layout('fm').length).toBe(559_105);
  });

  it('CoNet shares its cross units, CSN adds two numbers a layer', () => {
    expect(layout('conet').length - layout('mlp++').length).toBe(512 * 128 + 128 * 512);
    expect(layout('csn').length - layout('mlp++').length).toBe(6);
  });
});

describe.each(ZOO_KINDS)('%s', (kind) => {
  it('scores as it trains, and leaves weights alone', () => {
    const problem = zooProblem(2, zooModel(smallOptions(kind)));
    problem.embedded.batch.offset.fill(0.5);
    const before = problem.flat.slice();
    const { losses } = evaluate(problem);
    const logits = problem.model.logits(createReferenceOps(), problem.flat, problem.embedded);
    logits.forEach((logit, i) => {
      expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(losses.prediction[i]!, 6);
    });
    expect(problem.flat).toEqual(before);
  });

  it('starts finite and learns a batch by gradient steps', () => {
    const problem = zooProblem(4, zooModel(smallOptions(kind)));
    problem.model.initialise(problem.flat, new SeededRandom(1));
    const first = evaluate(problem);
    for (let n = 0; n < 60; n++) {
      const { dense, rows } = evaluate(problem);
      dense.forEach((g, i) => {
        problem.flat[i]! -= 0.1 * g;
      });
      rows.forEach((g, i) => {
        problem.embedded.embeddings[i]! -= 0.3 * g;
      });
    }
    expect(evaluate(problem).losses.total).toBeLessThan(0.95 * first.losses.total);
  });

  it('takes a batch without any history and one of a single row', () => {
    for (const size of [1, 8]) {
      const problem = zooProblem(6, zooModel(smallOptions(kind)), { size, historyLength: 0 });
      const { losses, dense, rows } = evaluate(problem);
      expect([losses.total, ...dense, ...rows].every(Number.isFinite)).toBe(true);
    }
  });

  it('a row does not depend on its company', () => {
    const whole = zooProblem(7, zooModel(smallOptions(kind)));
    const all = evaluate(whole).losses.prediction;
    for (let i = 0; i < all.length; i++) {
      expect(evaluate(alone(whole, i)).losses.prediction[0]).toBeCloseTo(all[i]!, 12);
    }
  });
});

describe('single-domain rows', () => {
  it.each(SINGLE_DOMAIN)('%s: the absent item is a trainable value of its own domain', (kind) => {
    for (const domain of [0, 1] as const) {
      const problem = zooProblem(8, zooModel(smallOptions(kind)), { domain });
      const { dense } = evaluate(problem);
      const na = problem.model.layout.view(dense, 'na');
      const half = na.length / 2;
      const [target, source] = [na.slice(0, half), na.slice(half)];
      expect(Math.max(...(domain === 1 ? source : target).map(Math.abs))).toBeGreaterThan(1e-6);
      expect(Math.max(...(domain === 1 ? target : source).map(Math.abs))).toBe(0);
    }
  });
});

describe('cross-domain rows', () => {
  it.each(['mlp++', 'csn', 'conet'] as const)('%s: the other tower learns only through what links it', (kind) => {
    const problem = zooProblem(9, zooModel(smallOptions(kind)), { domain: 1 });
    const { dense } = evaluate(problem);
    const greatest = (key: string) => Math.max(...problem.model.layout.view(dense, key).map(Math.abs));
    expect(greatest('t.0.W')).toBeGreaterThan(0);
    expect(greatest('s.out.W')).toBe(0);
    if (kind === 'mlp++') expect(greatest('s.0.W')).toBe(0);
    else expect(greatest('s.0.W')).toBeGreaterThan(0);
  });

  it('pairs a row with the last click of the other domain, and with no earlier one', () => {
    const problem = zooProblem(10, zooModel(smallOptions('conet')), { domain: 1, historyLength: 3 });
    const { histS } = problem.embedded.batch;
    const before = evaluate(problem).losses.prediction;
    for (let i = 0; i < before.length; i++) {
      const [from, end] = [histS.splits[i]!, histS.splits[i + 1]!];
      for (let l = from; l < end; l++) {
        const other = withHistory(problem, l);
        const after = evaluate(other).losses.prediction[i]!;
        if (l < end - 1 || other.embedded.batch.histS.items[l] === histS.items[l]) expect(after).toBe(before[i]);
        else expect(after).not.toBe(before[i]);
      }
    }
  });

  it("MiNet's source rows train the auxiliary network alone", () => {
    const problem = zooProblem(11, zooModel(smallOptions('minet')), { domain: 0 });
    const { dense } = evaluate(problem);
    for (const { key } of problem.model.layout.matrices) {
      const touched = problem.model.layout.view(dense, key).some((g) => g !== 0);
      expect(touched, key).toBe(key.startsWith('s.'));
    }
  });
});

it("CoNet's lasso shrinks cross units by rate times strength and to exactly 0", () => {
  const model = zooModel(smallOptions('conet', { conet: { crossLayers: 1, lasso: 0.1 } }));
  const flat = new Float64Array(model.layout.length).fill(0.03);
  model.layout.view(flat, 'H.0').set([0.2, -0.2, 0.04, -0.05]);
  model.afterStep(flat, 0.5);
  const H = model.layout.view(flat, 'H.0');
  [0.15, -0.15, 0, 0].forEach((expected, i) => {
    expect(Math.abs(H[i]! - expected)).toBeLessThan(1e-15);
  });
  expect(model.layout.view(flat, 't.0.W').every((w) => w === 0.03)).toBe(true);
});

it('starts of stitches, interests and cosine scale are those of the papers', () => {
  const start = (kind: ZooKind, key: string) => {
    const model = zooModel(smallOptions(kind));
    const flat = new Float64Array(model.layout.length);
    model.initialise(flat, new SeededRandom(1));
    return [...model.layout.view(flat, key)];
  };
  expect(start('csn', 'stitch.1')).toEqual([0.9, 0.1]);
  expect(start('minet', 'int.b')).toEqual([1, 0, 0]);
  expect(start('mv-dnn', 'gamma')).toEqual([5]);
});

it('weights in front of a ReLU start as wide as those of DADIN, others do not', () => {
  const model = zooModel(zooOptions('wide-deep', 4, [200, 100]));
  const flat = new Float64Array(model.layout.length);
  model.initialise(flat, new SeededRandom(1));
  const widest = (key: string) => Math.max(...model.layout.view(flat, key).map(Math.abs));
  expect(widest('dnn.1.W')).toBeCloseTo(Math.sqrt(6 / 200), 3);
  expect(widest('dnn.2.W')).toBeLessThanOrEqual(Math.sqrt(6 / 101));
  const tanh = zooModel(zooOptions('mv-dnn', 4, [200, 100]));
  const others = new Float64Array(tanh.layout.length);
  tanh.initialise(others, new SeededRandom(1));
  expect(Math.max(...tanh.layout.view(others, 'u.1.W').map(Math.abs))).toBeCloseTo(Math.sqrt(6 / 300), 3);
});

it('DADIN behind the same interface is DADIN', () => {
  const { options, flat, embedded } = smallProblem(3, SMALL_MODEL);
  const model = dadinModel(options);
  const dense = new Float64Array(flat.length);
  const rows = new Float64Array(embedded.embeddings.length);
  const settings = { reversal: 1, threshold: () => 0.5, dropoutMask: null };
  const { losses, interest } = stepInOnePiece(model, createReferenceOps(), flat, embedded, settings, dense, rows);
  expect(losses.discriminators).not.toBeNull();
  expect(interest).toHaveLength(3 * embedded.batch.size);
  expect(model.layout.view(dense, 'dom.W').some((g) => g !== 0)).toBe(true);
  expect(model.layout.tensors(flat.subarray(model.discriminatorsFrom)).length).toBe(model.layout.tensors(flat).length);
  expect(model.layout.get('dom.W').offset).toBe(model.discriminatorsFrom);
  const logits = model.logits(createReferenceOps(), flat, embedded);
  expect(1 / (1 + Math.exp(-logits[0]!))).toBeCloseTo(losses.prediction[0]!, 6);
});

/** Row i as a batch of its own over the same embeddings. */
function alone(problem: ZooProblem, i: number): ZooProblem {
  const { embedded } = problem;
  const { batch } = embedded;
  const only = ({ splits, items }: Ragged): Ragged => {
    const list = items.slice(splits[i]!, splits[i + 1]!);
    return { splits: Int32Array.from([0, list.length]), items: list };
  };
  return {
    ...problem,
    embedded: {
      ...embedded,
      userFeatures: only(embedded.userFeatures),
      batch: {
        ...batch,
        size: 1,
        domain: batch.domain.slice(i, i + 1),
        label: batch.label.slice(i, i + 1),
        weight: batch.weight.slice(i, i + 1),
        offset: batch.offset.slice(i, i + 1),
        candidate: batch.candidate.slice(i, i + 1),
        histT: only(batch.histT),
        histS: only(batch.histS),
      },
    },
  };
}

/** Position l of the source histories gets another item of the batch. */
function withHistory(problem: ZooProblem, l: number): ZooProblem {
  const { batch } = problem.embedded;
  const items = batch.histS.items.slice();
  items[l] = (items[l]! + 1) % (batch.itemSplits.length - 1);
  return {
    ...problem,
    embedded: { ...problem.embedded, batch: { ...batch, histS: { splits: batch.histS.splits, items } } },
  };
}
