/**
 * Speed and memory of the parameters: embedding table against a JavaScript Map, row Adam, flat Adam, feature ids.
 *
 * usage: npx tsx bench/tables.ts [rows, default 1000000] [width, default 16]
 */
import { featureId, NAMESPACE, SeededRandom } from '../src/core/index.js';
import { FeatureHasher } from '../src/features/feature-hasher.js';
import { EmbeddingTable, FlatAdam } from '../src/parameters/index.js';

const rows = Number(process.argv[2] ?? 1_000_000);
const width = Number(process.argv[3] ?? 16);
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const BATCH = 1024;

/** Millions a second of `n` things done by `work`; the best of three, for a machine that others use too. */
function rate(name: string, n: number, work: () => void, runs = 3): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  const millions = n / best / 1000;
  console.log(`${name.padEnd(52)} ${millions.toFixed(2).padStart(8)} M/s`);
  return millions;
}

const random = new SeededRandom(1);
const ids = Float64Array.from({ length: rows }, () => featureId(NAMESPACE.itemTarget, 1 + random.below(2 ** 50 - 1)));
const table = new EmbeddingTable({
  width,
  seed: 1,
  initStd: 0.05,
  optimizer: { kind: 'adam', ...ADAM },
  maxRows: rows * 2,
  admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
  ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
});

rate(`admit, new rows (d = ${width})`, rows, () => ids.forEach((id) => void table.admit(id, 0)), 1);
console.log(`memory: ${(table.bytes / 2 ** 20).toFixed(0)} MiB, ${(table.bytes / table.size).toFixed(0)} bytes a row`);

const order = Uint32Array.from({ length: rows }, () => random.below(rows));
let sum = 0;
const ours = rate('rowOf, random ids', rows, () => {
  for (let i = 0; i < rows; i++) sum += table.rowOf(ids[order[i]!]!);
});
const map = new Map(Array.from(ids, (id, i) => [id, i] as const));
const peer = rate('  peer: Map<number, number>.get', rows, () => {
  for (let i = 0; i < rows; i++) sum += map.get(ids[order[i]!]!)!;
});
console.log(`  ratio ${(ours / peer).toFixed(2)}`);

const batches = Array.from({ length: 64 }, () => {
  const distinct = new Set<number>();
  while (distinct.size < BATCH) distinct.add(random.below(rows));
  return Int32Array.from(distinct);
});
const values = new Float32Array(BATCH * width).fill(0.01);
rate('read, rows', 64 * BATCH, () => {
  for (const batch of batches) table.read(batch, values);
});
values.fill(0.01);
rate('apply row Adam, rows', 64 * BATCH, () => {
  for (const batch of batches) table.apply(batch, values, 0.003, 1);
});

const length = 100_000;
const weights = new Float32Array(length);
const gradient = Float32Array.from({ length }, (_, i) => Math.sin(i));
const adam = new FlatAdam(length, ADAM);
rate('FlatAdam.step, parameters', 20 * length, () => {
  for (let step = 0; step < 20; step++) adam.step(weights, gradient, 0.001);
});

const start = performance.now();
const state = table.snapshot();
console.log(`snapshot of ${state.model[0]!.data.length} rows: ${(performance.now() - start).toFixed(0)} ms`);

const hasher = await FeatureHasher.create();
const names = Array.from({ length: 1_000_000 }, (_, i) => `value-${i}`);
rate('feature ids, never seen before', names.length, () => names.forEach((name) => void hasher.id(1, 'item', name)), 1);
rate('feature ids, 10 000 values again and again', names.length, () => {
  for (let i = 0; i < names.length; i++) sum += hasher.id(1, 'item', names[i % 10_000]!);
});
const { sampled, fraction, collisions } = hasher.collisions();
console.log(`id collisions: ${collisions} among ${sampled} sampled features (1 in ${1 / fraction} of the id space)`);
if (!Number.isFinite(sum)) throw new Error('unreachable; keeps the loops alive');
