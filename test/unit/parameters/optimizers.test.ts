import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EmbeddingTable, type EmbeddingTableOptions, FlatAdam } from '../../../src/parameters/index.js';
import { ADAM, tableOptions } from './table-options.js';

interface Matrix {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Fixture {
  readonly w0: Matrix;
  readonly steps: readonly { readonly ids: readonly number[]; readonly grads: Matrix }[];
  readonly after: Readonly<Record<'rowAdam' | 'rowAdagrad' | 'rowAdagradDecay' | 'lazyAdamGlobal', readonly Matrix[]>>;
}

const fixture = JSON.parse(readFileSync(new URL('../../fixtures/optimisers.json', import.meta.url), 'utf8')) as Fixture;
const LEARNING_RATE = 0.01;

/** Fixture row i is id i + 1. */
const IDS = [1, 2, 3, 4, 5];
const ROWS = new Int32Array([0, 1, 2, 3, 4]);

function startedTable(optimizer: EmbeddingTableOptions['optimizer']): EmbeddingTable {
  const table = new EmbeddingTable(tableOptions({ optimizer }));
  for (const id of IDS) table.admit(id, 0);
  const state = table.snapshot();
  state.model[1]!.data.set(fixture.w0.data);
  table.restore(state);
  return table;
}

/** Sums the gradients of repeated ids, as the caller of `apply` does. */
function coalesced({ ids, grads }: Fixture['steps'][number]): { rows: Int32Array; gradients: Float32Array } {
  const rows = [...new Set(ids)];
  const gradients = new Float32Array(rows.length * 2);
  ids.forEach((id, k) => {
    const at = rows.indexOf(id) * 2;
    gradients[at]! += grads.data[2 * k]!;
    gradients[at + 1]! += grads.data[2 * k + 1]!;
  });
  return { rows: Int32Array.from(rows), gradients };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

function weightsOf(table: EmbeddingTable): Float32Array {
  const weights = new Float32Array(10);
  table.read(ROWS, weights);
  return weights;
}

describe('row optimizers against optimisers.json', () => {
  it.each([
    ['rowAdam', ADAM, LEARNING_RATE],
    ['rowAdagrad', { kind: 'adagrad', epsilon: 1e-8, decay: 1 }, 0.05],
    ['rowAdagradDecay', { kind: 'adagrad', epsilon: 1e-8, decay: 0.9 }, 0.05],
  ] as const)('%s follows the fixture at every step', (name, optimizer, learningRate) => {
    const table = startedTable(optimizer);
    fixture.steps.forEach((step, k) => {
      const { rows, gradients } = coalesced(step);
      table.apply(rows, gradients, learningRate, k);
      expect(largestDifference(weightsOf(table), fixture.after[name][k]!.data)).toBeLessThan(2e-6);
    });
  });

  it('is not lazy Adam with a global step count: the two part where a row comes late', () => {
    expect(
      largestDifference(fixture.after.rowAdam.at(-1)!.data, fixture.after.lazyAdamGlobal.at(-1)!.data),
    ).toBeGreaterThan(1e-3);
  });

  it('row Adam equals dense Adam, to the bit, when every step touches every row', () => {
    const table = startedTable(ADAM);
    const dense = Float32Array.from(fixture.w0.data);
    const adam = new FlatAdam(10, ADAM);
    for (let step = 0; step < 50; step++) {
      const gradients = Float32Array.from({ length: 10 }, (_, i) => Math.sin(7 * step + i));
      table.apply(ROWS, gradients, LEARNING_RATE, step);
      adam.step(dense, gradients, LEARNING_RATE);
      expect(weightsOf(table)).toEqual(dense);
    }
  });

  it('row Adam equals dense Adam beyond the counts whose bias corrections differ from 1', () => {
    for (const beta2 of [0.99, 0.99999]) {
      const options = { ...ADAM, beta2 };
      const table = startedTable(options);
      const dense = Float32Array.from(fixture.w0.data);
      const adam = new FlatAdam(10, options);
      const gradients = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i));
      for (let step = 0; step < 101_000; step++) {
        table.apply(ROWS, gradients, 1e-5, step);
        adam.step(dense, gradients, 1e-5);
      }
      expect(weightsOf(table)).toEqual(dense);
    }
  });
});

describe('FlatAdam', () => {
  it('goes on to the bit after a restore', () => {
    const gradient = (step: number): Float32Array =>
      Float32Array.from({ length: 33 }, (_, i) => Math.cos(step * i + 1));
    const weights = new Float32Array(33);
    const adam = new FlatAdam(33, ADAM);
    for (let step = 0; step < 20; step++) adam.step(weights, gradient(step), 0.003);
    const copy = weights.slice();
    const restored = new FlatAdam(33, ADAM);
    restored.restore(adam.snapshot());
    for (let step = 20; step < 40; step++) {
      adam.step(weights, gradient(step), 0.003);
      restored.step(copy, gradient(step), 0.003);
    }
    expect(copy).toEqual(weights);
  });

  it('lets moments without gradients end at zero, never in the subnormal numbers', () => {
    const adam = new FlatAdam(1, ADAM);
    const weights = new Float32Array(1);
    adam.step(weights, Float32Array.of(1), 0.01);
    for (let step = 0; step < 2000; step++) adam.step(weights, Float32Array.of(0), 0.01);
    expect(adam.snapshot().optimizer[0]!.data[0]).toBe(0);
  });

  it('refuses slots of another length', () => {
    expect(() => new FlatAdam(4, ADAM).restore(new FlatAdam(5, ADAM).snapshot())).toThrow(/does not fit/);
  });
});
