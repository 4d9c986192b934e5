import { beforeEach, describe, expect, it } from 'vitest';
import { createFusedOps, type FusedOps } from '../../../src/kernel/fused-ops.js';

let ops: FusedOps;

beforeEach(async () => {
  ops = await createFusedOps();
});

function values(x: Parameters<FusedOps['shape']>[0]): number[] {
  return [...ops.download(x, new Float32Array(x.rows * x.cols))];
}

/** Largest distance from `expected`, in units in the last place of float32. */
function worstUlp(got: readonly number[], expected: readonly number[]): number {
  let worst = 0;
  for (const [i, want] of expected.entries()) {
    const spacing = 2 ** (Math.floor(Math.log2(Math.abs(want))) - 23);
    worst = Math.max(worst, Math.abs(got[i]! - want) / spacing);
  }
  return worst;
}

describe('scope', () => {
  it('takes the memory back, also after an error and when nested', () => {
    const make = (): number => ops.upload(new Float32Array(12), 3, 4).pointer;
    const first = ops.scope(make);
    expect(ops.scope(make)).toBe(first);
    expect(() =>
      ops.scope(() => {
        make();
        throw new Error('inside');
      }),
    ).toThrow('inside');
    const [outer, inner, after] = ops.scope(() => [make(), ops.scope(make), make()]);
    expect(outer).toBe(first);
    expect(inner).toBe(after);
  });

  it('keeps what was made before it', () => {
    const kept = ops.upload(Float32Array.of(1, 2, 3), 1, 3);
    ops.scope(() => ops.scale(ops.upload(new Float32Array(100).fill(9), 10, 10), 2));
    expect(values(kept)).toEqual([1, 2, 3]);
  });
});

describe('memory', () => {
  it('grows with the matrices and keeps their content', () => {
    const small = ops.upload(Float32Array.of(1, 2, 3, 4, 5), 1, 5);
    const side = 1200; // 5.8 MB a matrix, the memory starts with 1 MB
    const large = ops.upload(
      Float32Array.from({ length: side * side }, (_, i) => i % 7),
      side,
      side,
    );
    expect(values(ops.add(small, small))).toEqual([2, 4, 6, 8, 10]);
    expect(values(ops.sumRows(ops.scale(large, 2))).slice(0, 2)).toEqual(
      [0, 1].map((j) => Array.from({ length: side }, (_, i) => 2 * ((i * side + j) % 7)).reduce((a, b) => a + b)),
    );
  });

  it('refuses what does not fit 2 GiB', () => {
    const x = ops.upload(new Float32Array(65_536), 65_536, 1);
    const y = ops.upload(new Float32Array(65_536), 1, 65_536);
    expect(() => ops.matmul(x, y, false, false)).toThrow(expect.objectContaining({ code: 'DADIN_LEARNER_FAILED' }));
    expect(values(ops.scale(ops.sumRows(x), 1))).toEqual([0]);
  });
});

describe('accuracy', () => {
  it('tanh is within 3 units in the last place, exactly odd and bounded by 1', () => {
    const x = Float32Array.from({ length: 40_000 }, (_, i) => (i + 1) * 3e-4);
    const got = values(ops.tanh(ops.upload(x, 200, 200)));
    const expected = [...x].map((value) => Math.tanh(value));
    expect(worstUlp(got, expected)).toBeLessThan(3);
    const mirrored = values(
      ops.tanh(
        ops.upload(
          x.map((value) => -value),
          200,
          200,
        ),
      ),
    );
    expect(mirrored).toEqual(got.map((value) => -value));
    expect(values(ops.tanh(ops.upload(Float32Array.of(0, 50, -50, 1e30), 1, 4)))).toEqual([0, 1, -1, 1]);
  });

  it('exp is within 2 units in the last place from -87 to 15', () => {
    // interest of z4 = 1 and V = 1 with d = 1: u = 4, so t = 4 g
    const n = 4000;
    const worst = ops.scope(() => {
      const z4 = ops.upload(
        Float32Array.from({ length: 4 * n }, (_, i) => (i % 4 === 0 ? (i / 4) * (87 / n) : 0)),
        n,
        4,
      );
      const V = ops.upload(new Float32Array(12).fill(1), 3, 4);
      const b = ops.upload(new Float32Array(3), 1, 3);
      const g = ops.upload(Float32Array.of(-1, 15 / 87, -0.5), 3, 1);
      const t = [-1, Math.fround(15 / 87), -0.5];
      const u = Float32Array.from({ length: n }, (_, i) => i * (87 / n));
      const got = values(ops.interest({ z4, V, g, b, bias: 'inside' }).weights);
      return worstUlp(
        got,
        got.map((_, at) => Math.exp(Math.fround(t[at % 3]! * u[Math.floor(at / 3)]!))),
      );
    });
    expect(worst).toBeLessThan(2);
  });
});

describe('what is not finite', () => {
  it('comes out of every operation that it enters', () => {
    const x = ops.upload(Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5), 1, 5);
    const zero = ops.upload(new Float32Array(5), 1, 5);
    const one = ops.upload(new Float32Array(25).fill(1), 5, 5);
    expect(values(ops.addBias(x, zero, true))).toEqual([1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5]);
    expect(values(ops.tanh(x))[1]).toBeNaN();
    for (const value of values(ops.matmul(x, one, false, true))) expect(value).toBeNaN();
    for (const value of values(ops.multiply(ops.sumRows(x), zero)).slice(1, 2)) expect(value).toBeNaN();
  });

  it('in one row stays in its row', () => {
    const x = ops.upload(Float32Array.of(Number.NaN, 1, 2, 3, 4, 5), 2, 3);
    const w = ops.upload(new Float32Array(9).fill(1), 3, 3);
    expect(values(ops.matmul(x, w, false, true)).slice(3)).toEqual([12, 12, 12]);
  });
});

describe('shapes', () => {
  it('that do not fit are a bug', () => {
    const x = ops.upload(new Float32Array(6), 2, 3);
    const y = ops.upload(new Float32Array(6), 3, 2);
    const calls: (() => unknown)[] = [
      () => ops.upload(new Float32Array(5), 2, 3),
      () => ops.download(x, new Float32Array(5)),
      () => ops.add(x, y),
      () => ops.matmul(x, y, true, false),
      () => ops.addBias(x, y, false),
      () => ops.concatColumns([x, y]),
      () => ops.concatColumns([]),
      () => ops.sliceColumns(x, 2, 2),
      () => ops.scaleBlocks(x, y),
      () => ops.bag(x, { splits: Int32Array.of(0, 2), items: Int32Array.of(0) }, false),
      () => ops.bag(x, { splits: Int32Array.of(0, 2, 1, 2), items: Int32Array.of(0, 1) }, false),
    ];
    for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'DADIN_BUG' }));
  });
});
