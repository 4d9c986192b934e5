import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureId, NAMESPACE, SeededRandom } from '../../../src/core/index.js';
import { EmbeddingTable, type EmbeddingTableOptions, type EmbeddingTableState } from '../../../src/parameters/index.js';

const WIDTH = 3;
const OPTIONS: EmbeddingTableOptions = {
  width: WIDTH,
  seed: 1,
  initStd: 0.1,
  optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  maxRows: 40,
  admitAfter: { user: 1, itemTarget: 2, itemSource: 1, shared: 1 },
  ttlMs: { user: 30, itemTarget: null, itemSource: 100, shared: null },
};
const ADAGRAD: EmbeddingTableOptions = { ...OPTIONS, optimizer: { kind: 'adagrad', epsilon: 1e-8, decay: 0.999 } };

/** A table with whole copies beside it: what the mark and the way forward must lead to. */
class Pair {
  table: EmbeddingTable;
  readonly #options: EmbeddingTableOptions;
  readonly #random = new SeededRandom(7);
  #timeMs = 0;
  marked: EmbeddingTableState;
  kept: EmbeddingTableState | null = null;

  constructor(options: EmbeddingTableOptions) {
    this.#options = options;
    this.table = new EmbeddingTable(options);
    this.table.mark();
    this.marked = this.table.snapshot();
  }

  /** As the engine: sweep, admit, and where the step is not discarded, apply. */
  step(applied: boolean): void {
    this.#timeMs += this.#random.below(8);
    this.table.sweep(this.#timeMs);
    const ids = Array.from({ length: 12 }, () =>
      featureId(
        [NAMESPACE.user, NAMESPACE.itemTarget, NAMESPACE.itemSource][this.#random.below(3)]!,
        1 + this.#random.below(30),
      ),
    );
    const rows = Int32Array.from(new Set(ids.map((id) => this.table.admit(id, this.#timeMs))));
    if (!applied) return;
    const gradients = Float32Array.from({ length: rows.length * WIDTH }, () => this.#random.normal());
    this.table.apply(rows, gradients, 0.1, this.#timeMs);
    this.table.settle();
    this.kept = null;
  }

  mark(): void {
    this.table.mark();
    this.marked = this.table.snapshot();
    this.kept = null;
  }

  rewind(keep: boolean): void {
    this.kept = keep ? this.table.snapshot() : null;
    this.table.rewind(keep);
    expect(this.table.snapshot()).toEqual(this.marked);
  }

  resume(): void {
    if (this.kept === null) return;
    this.table.resume();
    expect(this.table.snapshot()).toEqual(this.kept);
    this.kept = null;
  }

  /** A process that ends and comes back. */
  reload(): void {
    const [state, mark] = structuredClone([this.table.snapshot(), this.table.snapshotMark()] as const);
    this.table = new EmbeddingTable(this.#options);
    this.table.restore(state);
    this.table.restoreMark(mark);
  }
}

describe('a table that is rewound', () => {
  const action = fc.constantFrom('step', 'step', 'step', 'discard', 'mark', 'rewind', 'keep', 'resume', 'reload');

  it.each([
    ['Adam', OPTIONS],
    ['AdaGrad', ADAGRAD],
  ])('is what a whole copy would be, %s', (_, options) => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
        const pair = new Pair(options);
        for (const what of actions) {
          if (what === 'step') pair.step(true);
          else if (what === 'discard') pair.step(false);
          else if (what === 'mark') pair.mark();
          else if (what === 'rewind') pair.rewind(false);
          else if (what === 'keep') pair.rewind(true);
          else if (what === 'resume') pair.resume();
          else pair.reload();
        }
        pair.resume();
        pair.rewind(false);
        // rows are found by their ids
        const { model, rest } = pair.table.snapshot();
        const { rowNumbers } = rest as unknown as { rowNumbers: Int32Array };
        for (const [i, id] of model[0]!.data.entries()) expect(pair.table.rowOf(id)).toBe(rowNumbers[i]);
        expect(pair.table.size).toBe(rowNumbers.length);
      }),
      { numRuns: 100 },
    );
  });

  it('takes nothing down before the first mark', () => {
    const table = new EmbeddingTable(OPTIONS);
    const before = table.bytes;
    for (let n = 1; n <= 30; n++) table.admit(featureId(NAMESPACE.user, n), 1);
    const unmarked = table.bytes;
    table.mark();
    table.sweep(1000);
    expect(unmarked).toBeGreaterThan(before);
    expect(table.bytes).toBeGreaterThan(unmarked);
  });

  it('takes down each row once, however often it changes', () => {
    const table = new EmbeddingTable(OPTIONS);
    table.mark();
    const id = featureId(NAMESPACE.user, 1);
    for (let time = 1; time < 50; time++) {
      table.apply(Int32Array.of(table.admit(id, time)), new Float32Array(WIDTH).fill(1), 0.1, time);
    }
    const { back } = table.snapshotMark() as unknown as { back: { rows: { journal: { rows: Int32Array } } } };
    expect(back.rows.journal.rows).toEqual(Int32Array.of(0));
  });
});
