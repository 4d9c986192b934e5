/**
 * Ten million ids through the embedding table: memory, evictions and the collisions of the hash beside what is expected.
 *
 * usage: npx tsx bench/ids.ts [ids, default 10000000] [width, default 16]
 */
import { NAMESPACE } from '../src/core/index.js';
import { FeatureHasher } from '../src/features/feature-hasher.js';
import { EmbeddingTable } from '../src/parameters/index.js';

const count = Number(process.argv[2] ?? 10_000_000);
const width = Number(process.argv[3] ?? 16);
const BATCH = 1024;
const ID_BITS = 50;
/** Few enough that some ids must agree in them: shows that the count would see a collision. */
const LOW_BITS = 40;
const MIB = 2 ** 20;
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
const ADAGRAD = { kind: 'adagrad', epsilon: 1e-8, decay: 1 } as const;

const hasher = await FeatureHasher.create();
const ids = Float64Array.from({ length: count }, (_, i) => hasher.id(NAMESPACE.itemTarget, 'item', `item-${i}`));
collisions(ids, ID_BITS);
collisions(
  ids.map((id) => id % 2 ** LOW_BITS),
  LOW_BITS,
);
const { sampled, collisions: seen } = hasher.collisions();
console.log(`the hasher's own sample: ${seen} collisions among ${sampled} features`);

for (const [maxRows, admitAfter, optimizer] of [
  [1_000_000, 1, ADAM],
  [1_000_000, 2, ADAM],
  [10_000_000, 1, ADAGRAD],
  [10_000_000, 1, ADAM],
] as const) {
  fill(maxRows, admitAfter, optimizer);
}

/** Ids that another feature has too, over all pairs. */
function collisions(hashes: Float64Array, bits: number): void {
  const sorted = hashes.slice().sort();
  let shared = 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) shared++;
  const expected = (count * (count - 1)) / 2 / 2 ** bits;
  console.log(`${bits} bits: ${shared} collisions among ${count} features, expected ${expected.toPrecision(3)}`);
}

/** Every id once, in batches, each row with one optimizer step; every tenth id at once a second time. */
function fill(maxRows: number, admitAfter: number, optimizer: typeof ADAM | typeof ADAGRAD): void {
  const table = new EmbeddingTable({
    ...{ width, seed: 1, initStd: 0.05, optimizer, maxRows },
    admitAfter: { user: 1, itemTarget: admitAfter, itemSource: 1, shared: 1 },
    ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
  });
  const gradients = new Float32Array(BATCH * width).fill(0.01);
  const startedMs = performance.now();
  let greatestBytes = 0;
  for (let from = 0; from < count; from += BATCH) {
    const rows = new Int32Array(Math.min(BATCH, count - from));
    table.sweep(from);
    for (let i = 0; i < rows.length; i++) {
      const id = ids[from + i]!;
      rows[i] = table.admit(id, from);
      if (i % 10 === 0) rows[i] = table.admit(id, from);
    }
    table.apply(rows, gradients, 0.001, from);
    greatestBytes = Math.max(greatestBytes, table.bytes);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `${optimizer.kind}, cap ${maxRows} rows, admitted when seen ${admitAfter}x: ${table.size} rows, ${table.evicted} evicted, ` +
      `${(greatestBytes / MIB).toFixed(0)} MiB (${(table.bytes / table.size).toFixed(0)} bytes a row), ${seconds.toFixed(0)} s`,
  );
}
