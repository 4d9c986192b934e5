import { expect, it } from 'vitest';
import { NAMESPACE_NAMES, SeededRandom, type ServingTable } from '../../../src/core/index.js';
import { EmbeddingTable, ScoringRows } from '../../../src/parameters/index.js';
import { ADAM, tableOptions } from './table-options.js';

const WIDTH = 3;
const MAX_ROWS = 60;

function smallTable(ttlMs: number | null): EmbeddingTable {
  const ttl = Object.fromEntries(NAMESPACE_NAMES.map((name) => [name, ttlMs]));
  return new EmbeddingTable({
    ...tableOptions({ width: WIDTH, optimizer: ADAM, maxRows: MAX_ROWS }),
    ttlMs: ttl as never,
  });
}

/** Admits and updates random ids; evictions by age and by the cap happen on the way. */
function step(table: EmbeddingTable, random: SeededRandom, timeMs: number): void {
  table.sweep(timeMs);
  const ids = new Set(Array.from({ length: 8 }, () => 1 + random.below(200)));
  const rows = new Set([...ids].map((id) => table.admit(id, timeMs)).filter((row) => row >= 0));
  const gradients = Float32Array.from({ length: rows.size * WIDTH }, () => random.normal());
  table.apply(Int32Array.from(rows), gradients, 0.1, timeMs);
}

function sorted({ ids, columns }: ServingTable): [number, number[]][] {
  const width = columns[0]!.shape[1]!;
  return Array.from(ids, (id, i): [number, number[]] => [
    id,
    Array.from(columns[0]!.data.subarray(i * width, (i + 1) * width)),
  ]).sort(([a], [b]) => a - b);
}

it('what changed since the last version, applied version by version, is the whole table', () => {
  const random = new SeededRandom(5, 'unpublished');
  const table = smallTable(40);
  const copy = new ScoringRows(WIDTH);
  let timeMs = 0;
  let removed = 0;
  for (let version = 0; version < 300; version++) {
    // some versions of no step, some steps of equal event time
    for (let steps = random.below(4); steps > 0; steps--) {
      timeMs += random.below(3);
      step(table, random, timeMs);
    }
    const part = table.serving(null);
    expect(part.wholeBecause).toBe(version === 0 ? 'nothing was published before' : null);
    removed += part.tables[0]!.removed.length;
    copy.apply(part.tables[0]!, part.wholeBecause !== null);
    // a version that is refused is not published: its changes come again
    if (version === 0 || random.below(4) > 0) table.published();
    expect(sorted(copy.table())).toEqual(sorted(table.serving('asked for').tables[0]!));
  }
  expect(removed).toBeGreaterThan(100);
  expect(table.evicted).toBeGreaterThan(100);
});

it('names few rows where few were touched', () => {
  const table = smallTable(null);
  const random = new SeededRandom(1, 'few');
  for (let k = 0; k < 10; k++) step(table, random, k);
  table.published();
  table.sweep(100);
  const row = table.admit(7, 100);
  table.apply(Int32Array.of(row), new Float32Array(WIDTH).fill(1), 0.1, 100);
  expect(Array.from(table.serving(null).tables[0]!.ids)).toContain(7);
  expect(table.serving(null).tables[0]!.ids.length).toBeLessThan(12);
  expect(table.serving('all').tables[0]!.ids.length).toBe(table.size);
});

it('goes on across a snapshot, and does not guess after one without its part', () => {
  const random = new SeededRandom(9, 'snapshot');
  const table = smallTable(30);
  for (let k = 0; k < 20; k++) step(table, random, k * 3);
  table.published();
  for (let k = 20; k < 30; k++) step(table, random, k * 3);
  const other = smallTable(30);
  other.restore(table.snapshot());
  expect(other.serving(null).wholeBecause).not.toBeNull();
  other.restorePublishing(table.snapshotPublishing());
  expect(other.serving(null)).toEqual(table.serving(null));
});
