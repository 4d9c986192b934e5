import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureId, NAMESPACE } from '../../../src/core/index.js';
import { EmbeddingTable, type EmbeddingTableOptions } from '../../../src/parameters/index.js';
import { ADAGRAD, ADAM, tableOptions } from './table-options.js';

function rowValues(table: EmbeddingTable, id: number, width = 2): number[] {
  const into = new Float32Array(width);
  table.read(Int32Array.of(table.rowOf(id)), into);
  return Array.from(into);
}

const item = (hash: number): number => featureId(NAMESPACE.itemTarget, hash);

describe('EmbeddingTable', () => {
  it('starts an id the same whatever came before it, and another id or seed otherwise', () => {
    const a = new EmbeddingTable(tableOptions());
    const b = new EmbeddingTable(tableOptions());
    for (const id of [5, 6, 7]) a.admit(id, 0);
    for (const id of [9, 7, 8, 5]) b.admit(id, 0);
    expect(rowValues(a, 7)).toEqual(rowValues(b, 7));
    expect(rowValues(a, 5)).toEqual(rowValues(b, 5));
    expect(rowValues(a, 5)).not.toEqual(rowValues(a, 7));
    const c = new EmbeddingTable(tableOptions({ seed: 2 }));
    c.admit(7, 0);
    expect(rowValues(c, 7)).not.toEqual(rowValues(a, 7));
  });

  it('starts rows as independent normals of the given deviation', () => {
    const width = 3;
    const table = new EmbeddingTable(tableOptions({ width }));
    const n = 20_000;
    for (let i = 0; i < n; i++) table.admit(item(i + 1), 0);
    const all = table.snapshot().model[1]!.data;
    let sum = 0;
    let squares = 0;
    let fourth = 0;
    let neighbours = 0;
    for (let i = 0; i < all.length; i++) {
      const x = all[i]! / 0.05;
      sum += x;
      squares += x * x;
      fourth += x ** 4;
      if (i > 0) neighbours += (x * all[i - 1]!) / 0.05;
    }
    // standard errors with 60 000 draws: .004, .006, .04, .004
    expect(Math.abs(sum / all.length)).toBeLessThan(0.02);
    expect(Math.abs(squares / all.length - 1)).toBeLessThan(0.03);
    expect(Math.abs(fourth / all.length - 3)).toBeLessThan(0.2);
    expect(Math.abs(neighbours / all.length)).toBeLessThan(0.02);
  });

  it('reads -1 as zeros and skips it when applying; rows not named keep their bits', () => {
    const table = new EmbeddingTable(tableOptions());
    for (let id = 1; id <= 100; id++) table.admit(id, 0);
    const before = table.snapshot().model[1]!.data.slice();
    table.apply(Int32Array.of(3, -1, 50), new Float32Array(6).fill(1), 0.01, 1);
    const after = table.snapshot().model[1]!.data;
    for (let i = 0; i < before.length; i++) {
      const touched = [3, 50].includes(i >> 1);
      expect(after[i] !== before[i]).toBe(touched);
    }
    const into = new Float32Array(4).fill(9);
    table.read(Int32Array.of(-1, 3), into);
    expect(Array.from(into)).toEqual([0, 0, after[6], after[7]]);
  });

  it('scoring never makes a row', () => {
    const table = new EmbeddingTable(tableOptions());
    expect(table.rowOf(12)).toBe(-1);
    expect(table.size).toBe(0);
  });

  it('makes a row at the n-th sight of an id, n by namespace', () => {
    const table = new EmbeddingTable(
      tableOptions({ admitAfter: { user: 1, itemTarget: 3, itemSource: 1, shared: 1 } }),
    );
    expect(table.admit(7, 0)).toBe(0);
    expect(table.admit(item(7), 0)).toBe(-1);
    expect(table.admit(item(7), 1)).toBe(-1);
    expect(table.admit(item(7), 2)).toBe(1);
    expect(table.admit(item(7), 3)).toBe(1);
    expect(table.liveRows()).toEqual({ user: 1, itemTarget: 1, itemSource: 0, shared: 0 });
  });

  it('frees a row at its time to live by event time, with its slots and its admission count', () => {
    const table = new EmbeddingTable(
      tableOptions({
        admitAfter: { user: 1, itemTarget: 2, itemSource: 1, shared: 1 },
        ttlMs: { user: null, itemTarget: 1000, itemSource: null, shared: null },
      }),
    );
    table.admit(1, 0);
    table.admit(item(1), 0);
    const row = table.admit(item(1), 0);
    const start = rowValues(table, item(1));
    table.apply(Int32Array.of(row), Float32Array.of(1, 1), 0.01, 500);
    const once = rowValues(table, item(1));
    expect(table.sweep(1480)).toBe(0);
    expect(table.sweep(1500)).toBe(1);
    expect(table.liveRows()).toEqual({ user: 1, itemTarget: 0, itemSource: 0, shared: 0 });
    expect(table.evicted).toBe(1);
    // it returns as a new row: counted again, same start, first step again of size lr
    expect(table.admit(item(1), 1600)).toBe(-1);
    expect(table.admit(item(1), 1600)).toBe(row);
    expect(rowValues(table, item(1))).toEqual(start);
    table.apply(Int32Array.of(row), Float32Array.of(1, 1), 0.01, 1600);
    expect(rowValues(table, item(1))).toEqual(once);
  });

  it('never holds more than maxRows; a sweep then frees the oldest, of equal age the least updated', () => {
    const table = new EmbeddingTable(tableOptions({ maxRows: 32 }));
    for (let id = 1; id <= 32; id++) table.admit(id, id === 9 ? 1 : 5);
    expect(table.admit(33, 6)).toBe(-1);
    // id 4 alone is not updated among those touched at 5
    const updated = Int32Array.from([...Array(32).keys()].filter((row) => row !== 3 && row !== 8));
    table.apply(updated, new Float32Array(60).fill(1), 0.01, 5);
    expect(table.sweep(6)).toBe(2);
    expect([table.rowOf(9), table.rowOf(4)]).toEqual([-1, -1]);
    expect(table.size).toBe(30);
    expect(table.admit(33, 6)).toBeGreaterThanOrEqual(0);
    expect(table.sweep(6)).toBe(0);
  });

  it('admission counters are bounded', () => {
    const table = new EmbeddingTable(
      tableOptions({ maxRows: 10, admitAfter: { user: 2, itemTarget: 1, itemSource: 1, shared: 1 } }),
    );
    for (let id = 1; id <= 600_000; id++) table.admit(id, 0);
    // two generations of 32 768 counters at 12 bytes a slot, at most three quarters full
    expect(table.bytes).toBeLessThan(2 * 65_536 * 12 + 1000);
    expect(table.size).toBe(0);
  });

  it('refuses a snapshot of another width or optimizer', () => {
    const table = new EmbeddingTable(tableOptions());
    table.admit(1, 0);
    const state = table.snapshot();
    expect(() => new EmbeddingTable(tableOptions({ width: 3 })).restore(state)).toThrow(/embedding.rows/);
    expect(() => new EmbeddingTable(tableOptions({ optimizer: ADAGRAD })).restore(state)).toThrow(
      /embedding.accumulator/,
    );
  });
});

describe('EmbeddingTable snapshot', () => {
  const variants: [string, Partial<EmbeddingTableOptions>][] = [
    ['adam', { optimizer: ADAM }],
    ['adagrad', { optimizer: { ...ADAGRAD, decay: 0.999 } }],
  ];

  it.each(variants)('%s: restore, then go on, equals never having stopped, row numbers included', (_, changes) => {
    const options = tableOptions({
      ...changes,
      maxRows: 24,
      admitAfter: { user: 1, itemTarget: 2, itemSource: 1, shared: 1 },
      ttlMs: { user: 300, itemTarget: 100, itemSource: null, shared: null },
    });
    const touch = fc.record({
      hash: fc.integer({ min: 1, max: 30 }),
      namespace: fc.integer({ min: 0, max: 2 }),
      gradient: fc.float({ min: -2, max: 2, noNaN: true }),
    });
    const step = fc.record({ touches: fc.array(touch, { maxLength: 8 }), afterMs: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, cut) => {
        let table = new EmbeddingTable(options);
        const whole = new EmbeddingTable(options);
        let timeMs = 0;
        steps.forEach(({ touches, afterMs }, k) => {
          if (k === cut) {
            const state = table.snapshot();
            table.admit(featureId(3, 99), timeMs); // the snapshot is a copy
            table = new EmbeddingTable(options);
            table.restore(state);
          }
          timeMs += afterMs;
          expect(play(table, touches, timeMs)).toEqual(play(whole, touches, timeMs));
        });
        expect(table.snapshot()).toEqual(whole.snapshot());
        expect(table.liveRows()).toEqual(whole.liveRows());
      }),
      { numRuns: 100 },
    );
  });

  function play(
    table: EmbeddingTable,
    touches: readonly { hash: number; namespace: number; gradient: number }[],
    timeMs: number,
  ): unknown {
    const swept = table.sweep(timeMs);
    const ids = new Map(touches.map(({ hash, namespace, gradient }) => [featureId(namespace, hash), gradient]));
    const rows = Int32Array.from(ids.keys(), (id) => table.admit(id, timeMs));
    const gradients = Float32Array.from([...ids.values()].flatMap((g) => [g, -g]));
    table.apply(rows, gradients, 0.01, timeMs);
    const values = new Float32Array(rows.length * 2);
    table.read(rows, values);
    return { swept, rows, values };
  }
});
