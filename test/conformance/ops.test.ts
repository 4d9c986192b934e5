import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ops, type Ragged, SeededRandom } from '../../src/core/index.js';
import { createFusedOps } from '../../src/kernel/fused-ops.js';
import { createReferenceOps } from '../../src/model/reference-ops.js';
import { loadBackend } from '../../src/training/backend.js';
import { TENSOR_ENGINES } from './tensor-engines.js';

interface Engine {
  readonly name: string;
  /** The matrix type is the engine's own affair: the suite only hands matrices from one call to the next. */
  readonly create: () => Promise<Ops<unknown>>;
  /** A row's bits do not depend on its place and company. */
  readonly rowsIndependent: boolean;
}

/** Add an engine here and it must agree with the reference on every operation. */
const ENGINES: readonly Engine[] = [
  { name: 'fused', create: async () => (await createFusedOps()) as Ops<unknown>, rowsIndependent: true },
  ...TENSOR_ENGINES.map((name) => ({
    name,
    create: async () => (await loadBackend(name, 64)).ops,
    rowsIndependent: true,
  })),
];

/** Relative to the largest value of a result: float32 sums of up to some hundred terms. */
const TOLERANCE = 2e-5;
const SEED = 20261124;

interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Sizes around the vector and panel widths of 4, 8 and 16, and the paper's. */
const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 16, 17, 21, 31, 32, 33, 64, 100, 128];
const HEIGHTS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32];

const width = fc.constantFrom(...WIDTHS);
const height = fc.constantFrom(...HEIGHTS);
const seed = fc.nat();
const size = fc.record({ n: height, k: width, m: width, seed });
const flag = fc.boolean();

class Draw {
  readonly random: SeededRandom;

  constructor(from: number) {
    this.random = new SeededRandom(from);
  }

  matrix(rows: number, cols: number, spread = 1): Matrix {
    return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => spread * this.random.normal()) };
  }

  /** n lists of up to `longest` of `items` items, a third of them empty; repetitions occur. */
  lists(n: number, items: number, longest: number): Ragged {
    const splits = new Int32Array(n + 1);
    const chosen: number[] = [];
    for (let i = 0; i < n; i++) {
      const length = this.random.below(3) === 0 ? 0 : this.random.below(longest + 1);
      for (let l = 0; l < length; l++) chosen.push(this.random.below(items));
      splits[i + 1] = chosen.length;
    }
    return { splits, items: Int32Array.from(chosen) };
  }

  index(count: number, rows: number): Int32Array {
    return Int32Array.from({ length: count }, () => this.random.below(rows));
  }
}

type Results = Record<string, Float64Array>;
type Work = <T>(ops: Ops<T>, up: (x: Matrix) => T) => Record<string, T>;

function run<T>(ops: Ops<T>, work: Work): Results {
  return ops.scope(() => {
    const results: Results = {};
    const made = work(ops, (x) => ops.upload(x.data, x.rows, x.cols));
    for (const [name, x] of Object.entries(made)) {
      const [rows, cols] = ops.shape(x);
      results[`${name} [${rows},${cols}]`] = ops.download(x, new Float64Array(rows * cols));
    }
    return results;
  });
}

function expectClose(actual: Results, expected: Results): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const got = actual[name]!;
    const allowed = TOLERANCE * values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    for (let i = 0; i < values.length; i++) {
      if (!(Math.abs(got[i]! - values[i]!) <= allowed)) expect.fail(`${name}[${i}]: ${got[i]} instead of ${values[i]}`);
    }
  }
}

const reference = createReferenceOps();

describe.each(ENGINES)('$name', ({ create, rowsIndependent }) => {
  let ops: Ops<unknown>;

  beforeAll(async () => {
    ops = await create();
  });

  function agree<V>(inputs: fc.Arbitrary<V>, work: (inputs: V) => Work, numRuns = 60): void {
    const property = fc.property(inputs, (values) => {
      const job = work(values);
      expectClose(run(ops, job), run(reference, job));
    });
    fc.assert(property, { numRuns, seed: SEED });
  }

  const attentionSize = fc.record({ n: height, d: width, items: height, longest: fc.nat(9), seed });
  const interestSize = fc.record({ n: height, d: width, bias: fc.constantFrom('outside', 'inside'), seed });
  const blockSize = fc.record({ n: height, d: width, seed });
  const listSize = fc.record({ n: height, d: width, items: height, longest: fc.nat(6), mean: flag, seed });

  it('uploads and downloads', () => {
    agree(size, ({ n, m, seed }) => {
      const x = new Draw(seed).matrix(n, m);
      return (_, up) => ({ x: up(x) });
    });
  });

  it('matmul', () => {
    const inputs = fc.record({ n: width, k: width, m: width, transposeA: flag, transposeB: flag, seed });
    agree(
      inputs,
      ({ n, k, m, transposeA, transposeB, seed }) => {
        const draw = new Draw(seed);
        const a = transposeA ? draw.matrix(k, n) : draw.matrix(n, k);
        const b = transposeB ? draw.matrix(m, k) : draw.matrix(k, m);
        return (ops, up) => ({ c: ops.matmul(up(a), up(b), transposeA, transposeB) });
      },
      250,
    );
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('matmul with an inner size beyond a cache block (transposed: %s, %s)', (transposeA, transposeB) => {
    const draw = new Draw(1);
    const [n, k, m] = [9, 1030, 35];
    const a = transposeA ? draw.matrix(k, n) : draw.matrix(n, k);
    const b = transposeB ? draw.matrix(m, k) : draw.matrix(k, m);
    const work: Work = (ops, up) => ({ c: ops.matmul(up(a), up(b), transposeA, transposeB) });
    expectClose(run(ops, work), run(reference, work));
  });

  it('matmul without rows, columns or inner size', () => {
    const draw = new Draw(1);
    for (const [n, k, m] of [
      [0, 4, 4],
      [3, 0, 5],
      [3, 4, 0],
    ] as const) {
      const [a, b] = [draw.matrix(n, k), draw.matrix(k, m)];
      const work: Work = (ops, up) => ({ c: ops.matmul(up(a), up(b), false, false) });
      expectClose(run(ops, work), run(reference, work));
    }
  });

  it('elementwise operations', () => {
    agree(size, ({ n, m, seed }) => {
      const draw = new Draw(seed);
      const [x, y, bias] = [draw.matrix(n, m, 2), draw.matrix(n, m), draw.matrix(1, m)];
      return (ops, up) => ({
        add: ops.add(up(x), up(y)),
        multiply: ops.multiply(up(x), up(y)),
        scale: ops.scale(up(x), -0.75),
        addBias: ops.addBias(up(x), up(bias), false),
        relu: ops.addBias(up(x), up(bias), true),
        reluGrad: ops.reluGrad(up(x), ops.addBias(up(y), up(bias), true)),
        tanh: ops.tanh(up(x)),
        tanhGrad: ops.tanhGrad(up(x), ops.tanh(up(y))),
        sumRows: ops.sumRows(up(x)),
      });
    });
  });

  it('concatColumns and sliceColumns', () => {
    agree(size, ({ n, k, m, seed }) => {
      const draw = new Draw(seed);
      const parts = [draw.matrix(n, k), draw.matrix(n, m), draw.matrix(n, 1)];
      return (ops, up) => {
        const whole = ops.concatColumns(parts.map(up));
        return { whole, middle: ops.sliceColumns(whole, k, m), last: ops.sliceColumns(whole, k + m, 1) };
      };
    });
  });

  it('gather and scatterAdd', () => {
    agree(size, ({ n, k, m, seed }) => {
      const draw = new Draw(seed);
      const index = draw.index(k, n);
      const [x, dy] = [draw.matrix(n, m), draw.matrix(k, m)];
      return (ops, up) => ({ y: ops.gather(up(x), index), dx: ops.scatterAdd(up(dy), index, n) });
    });
  });

  it('bag and bagGrad', () => {
    agree(listSize, ({ n, d, items, longest, mean, seed }) => {
      const draw = new Draw(seed);
      const bag = draw.lists(n, items, longest);
      const [x, dy] = [draw.matrix(items, d), draw.matrix(n, d)];
      return (ops, up) => ({ y: ops.bag(up(x), bag, mean), dx: ops.bagGrad(up(dy), bag, items, mean) });
    });
  });

  it('attention and its gradient', () => {
    agree(
      attentionSize,
      ({ n, d, items, longest, seed }) => {
        const draw = new Draw(seed);
        const history = draw.lists(n, items, longest);
        const x = { items: draw.matrix(items, d), q: draw.matrix(n, d), p: draw.matrix(n, d) };
        const [W, h] = [draw.matrix(d, 4 * d, 0.7 / Math.sqrt(d)), draw.matrix(1, d, 1 / Math.sqrt(d))];
        const dPooled = draw.matrix(n, d);
        return (ops, up) => {
          const input = { items: up(x.items), history, q: up(x.q), p: up(x.p), W: up(W), h: up(h) };
          const output = ops.attention(input);
          const { dItems, dq, dp, dW, dh } = ops.attentionGrad(input, output, up(dPooled));
          return { pooled: output.pooled, beta: output.beta, dItems, dq, dp, dW, dh };
        };
      },
      150,
    );
  });

  it('attention without any history gives zeros', () => {
    const d = 5;
    const draw = new Draw(3);
    const [items, q, W, h] = [draw.matrix(2, d), draw.matrix(4, d), draw.matrix(d, 4 * d), draw.matrix(1, d)];
    const history: Ragged = { splits: new Int32Array(5), items: new Int32Array(0) };
    const results = run(ops, (ops, up) => {
      const input = { items: up(items), history, q: up(q), p: up(q), W: up(W), h: up(h) };
      const output = ops.attention(input);
      const { dItems, dq, dp, dW, dh } = ops.attentionGrad(input, output, up(q));
      return { pooled: output.pooled, beta: output.beta, dItems, dq, dp, dW, dh };
    });
    expect(Object.keys(results)).toHaveLength(7);
    for (const values of Object.values(results)) expect([...values].every((value) => value === 0)).toBe(true);
  });

  it('attention with scores far apart', () => {
    const d = 8;
    const draw = new Draw(4);
    const x = { items: draw.matrix(5, d, 4), q: draw.matrix(3, d, 4), p: draw.matrix(3, d, 4) };
    const [W, h] = [draw.matrix(d, 4 * d, 2), draw.matrix(1, d, 4)];
    const history = { splits: Int32Array.of(0, 4, 5, 9), items: Int32Array.of(0, 1, 2, 3, 4, 1, 3, 3, 0) };
    const work: Work = (ops, up) => {
      const { pooled } = ops.attention({ items: up(x.items), history, q: up(x.q), p: up(x.p), W: up(W), h: up(h) });
      return { pooled };
    };
    expectClose(run(ops, work), run(reference, work));
  });

  it('interest and its gradient', () => {
    agree(interestSize, ({ n, d, bias, seed }) => {
      const draw = new Draw(seed);
      const z4 = draw.matrix(n, 4 * d);
      const [V, g, b] = [draw.matrix(3 * d, 4 * d, 0.5 / Math.sqrt(d)), draw.matrix(3, d, 1 / d), draw.matrix(1, 3)];
      const dWeights = draw.matrix(n, 3);
      return (ops, up) => {
        const input = { z4: up(z4), V: up(V), g: up(g), b: up(b), bias };
        const output = ops.interest(input);
        return { weights: output.weights, ...ops.interestGrad(input, output, up(dWeights)) };
      };
    });
  });

  it.each(['outside', 'inside'] as const)('interest is clamped, without gradient beyond (%s)', (bias) => {
    const ones = (rows: number, cols: number, value: number): Matrix => ({
      rows,
      cols,
      data: new Float32Array(rows * cols).fill(value),
    });
    const work: Work = (ops, up) => {
      const input = {
        z4: up(ones(2, 16, 1)),
        V: up(ones(12, 16, 1)),
        g: up(ones(3, 4, 3)),
        b: up(ones(1, 3, 2)),
        bias,
      };
      const output = ops.interest(input);
      return { weights: output.weights, ...ops.interestGrad(input, output, up(ones(2, 3, 1))) };
    };
    const results = run(ops, work);
    expectClose(results, run(reference, work));
    expect([...results['dV [12,16]']!].every((value) => value === 0)).toBe(true);
  });

  it('scaleBlocks, biInteraction and their gradients', () => {
    agree(blockSize, ({ n, d, seed }) => {
      const draw = new Draw(seed);
      const [z4, v, dm] = [draw.matrix(n, 4 * d), draw.matrix(n, 3), draw.matrix(n, 4 * d)];
      const [c, dz] = [draw.matrix(1, 4), draw.matrix(n, d)];
      return (ops, up) => {
        const m = ops.scaleBlocks(up(z4), up(v));
        const scaled = ops.scaleBlocksGrad(up(z4), up(v), up(dm));
        const interaction = ops.biInteractionGrad(m, up(c), up(dz));
        return { m, dz4: scaled.dz4, dv: scaled.dv, z: ops.biInteraction(m, up(c)), ...interaction };
      };
    });
  });

  it('leaves its inputs alone and gives the same bits again', () => {
    const draw = new Draw(6);
    const d = 13;
    const x = { items: draw.matrix(9, d), q: draw.matrix(6, d), p: draw.matrix(6, d) };
    const [W, h] = [draw.matrix(d, 4 * d), draw.matrix(1, d)];
    const history = draw.lists(6, 9, 7);
    const results = run(ops, (ops, up) => {
      const input = { items: up(x.items), history, q: up(x.q), p: up(x.p), W: up(W), h: up(h) };
      const first = ops.attention(input);
      const firstGrad = ops.attentionGrad(input, first, input.q);
      const second = ops.attention(input);
      const secondGrad = ops.attentionGrad(input, second, input.q);
      return { a: first.pooled, b: second.pooled, da: firstGrad.dW, db: secondGrad.dW, items: input.items, W: input.W };
    });
    expect(results['a [6,13]']).toEqual(results['b [6,13]']);
    expect(results['da [13,52]']).toEqual(results['db [13,52]']);
    expect(results['items [9,13]']).toEqual(Float64Array.from(x.items.data));
    expect(results['W [13,52]']).toEqual(Float64Array.from(W.data));
  });

  it('refuses row numbers outside a matrix', () => {
    const x = new Draw(1).matrix(3, 2);
    const outside = Int32Array.of(0, 3);
    const bag = { splits: Int32Array.of(0, 2), items: outside };
    expect(() => run(ops, (ops, up) => ({ y: ops.gather(up(x), outside) }))).toThrow();
    expect(() => run(ops, (ops, up) => ({ y: ops.gather(up(x), Int32Array.of(-1)) }))).toThrow();
    expect(() => run(ops, (ops, up) => ({ y: ops.bag(up(x), bag, true) }))).toThrow();
  });

  it.runIf(rowsIndependent)('gives a row the same bits alone, in any batch and at any place', () => {
    const inputs = fc.record({ n: fc.integer({ min: 2, max: 19 }), d: width, out: width, seed });
    const property = fc.property(inputs, ({ n, d, out, seed }) => {
      const batch = drawRows(new Draw(seed), n, d, out);
      const everyone = Array.from({ length: n }, (_, i) => i);
      const whole = run(ops, forward(batch, everyone));
      const orders = [...everyone.map((i) => [i]), [...everyone].reverse(), everyone.slice(1)];
      for (const order of orders) {
        const part = Object.values(run(ops, forward(batch, order)));
        for (const [which, [name, values]] of Object.entries(whole).entries()) {
          const cols = values.length / n;
          for (const [place, i] of order.entries()) {
            const alone = part[which]!.subarray(place * cols, (place + 1) * cols);
            expect(alone, `${name} row ${i} of ${order}`).toEqual(values.subarray(i * cols, (i + 1) * cols));
          }
        }
      }
    });
    fc.assert(property, { numRuns: 40, seed: SEED });
  });
});

function drawRows(draw: Draw, n: number, d: number, out: number) {
  return {
    history: draw.lists(n, 12, 9),
    items: draw.matrix(12, d),
    q: draw.matrix(n, d),
    p: draw.matrix(n, d),
    W: draw.matrix(d, 4 * d, 0.5 / Math.sqrt(d)),
    h: draw.matrix(1, d),
    V: draw.matrix(3 * d, 4 * d, 0.5 / Math.sqrt(d)),
    g: draw.matrix(3, d, 1 / d),
    b: draw.matrix(1, 3),
    c: draw.matrix(1, 4),
    layer: draw.matrix(out, d),
    layerT: draw.matrix(d, out),
    last: draw.matrix(1, out),
    bias: draw.matrix(1, out),
  };
}

/** A model's forward pass over some rows of a batch, in the given order: everything in it must be row by row. */
function forward(batch: ReturnType<typeof drawRows>, order: readonly number[]): Work {
  const pick = (x: Matrix): Matrix => {
    const rows = order.map((i) => x.data.subarray(i * x.cols, (i + 1) * x.cols));
    return { rows: order.length, cols: x.cols, data: Float32Array.from(rows.flatMap((row) => [...row])) };
  };
  const lists = order.map((i) => batch.history.items.subarray(batch.history.splits[i]!, batch.history.splits[i + 1]!));
  const splits = new Int32Array(order.length + 1);
  for (const [place, list] of lists.entries()) splits[place + 1] = splits[place]! + list.length;
  const history = { splits, items: Int32Array.from(lists.flatMap((list) => [...list])) };
  return (ops, up) => {
    const items = up(batch.items);
    const [q, p] = [up(pick(batch.q)), up(pick(batch.p))];
    const { pooled } = ops.attention({ items, history, q, p, W: up(batch.W), h: up(batch.h) });
    const mean = ops.bag(items, history, true);
    const z4 = ops.concatColumns([q, p, pooled, mean]);
    const { weights } = ops.interest({ z4, V: up(batch.V), g: up(batch.g), b: up(batch.b), bias: 'outside' });
    const z = ops.biInteraction(ops.scaleBlocks(z4, weights), up(batch.c));
    const hidden = ops.addBias(ops.matmul(z, up(batch.layer), false, true), up(batch.bias), true);
    const product = ops.tanh(ops.matmul(z, up(batch.layerT), false, false));
    const logit = ops.matmul(hidden, up(batch.last), false, true);
    return { pooled, weights, z, hidden, product, logit };
  };
}
