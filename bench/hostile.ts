/**
 * Trains on a hostile stream and counts what the guard did: no weight and no score may ever be other than finite.
 *
 * usage: npx tsx bench/hostile.ts [steps, default 100000] [rows a step, default 16]
 */
import { loadBackend } from '../src/training/backend.js';
import { runHostile } from './hostile-run.js';
import { HOSTILITIES } from './hostile-stream.js';

const steps = Number(process.argv[2] ?? 100_000);
const size = Number(process.argv[3] ?? 16);
const { ops, backend } = await loadBackend('auto', 8);
let failed = false;
for (const [adversary, rateFactor] of [
  ['governed', 1],
  ['governed', 10],
  ['literal', 10],
] as const) {
  const startedMs = performance.now();
  const result = runHostile(ops, {
    steps,
    size,
    stretch: 100,
    hostilities: HOSTILITIES,
    adversary,
    rateFactor,
    seed: 1,
  });
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `${adversary} adversary, ${rateFactor} times the usual rates, ${backend}: ${steps} steps in ${seconds.toFixed(0)} s`,
  );
  console.log(JSON.stringify(result, null, 2));
  failed ||= result.nonFiniteWeights + result.nonFiniteScores > 0;
}
process.exitCode = failed ? 1 : 0;
