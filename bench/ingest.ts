import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { createFold, createSource } from '../pipelines/assembly.js';
import { learn } from '../pipelines/learn.js';
import { simulate } from '../pipelines/simulate.js';
import { loadConfig } from '../src/config/index.js';
import type { Learner, StepReport } from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';

// The ingest path without training: file -> decode -> order -> window -> join -> mix -> batches, one core.
//   node dist/bench/ingest.js [EVENTS]

/** Does nothing, at once: what remains is the front half. */
function idleLearner(): Learner {
  let step = 0;
  const report = (rows: number): StepReport => ({
    step: ++step,
    rows,
    lossLabel: 0,
    lossDomain: null,
    lossClass1: null,
    lossClass0: null,
    reversal: 0,
    confusedLoss: 0,
    race: null,
    discarded: false,
    restored: false,
    interestNegative: null,
    interestPositive: null,
  });
  return {
    score: async (batch) => new Float32Array(batch.size),
    train: async (batch) => report(batch.size),
    describe: () => ({ backend: 'none', settings: {}, denseParameters: 0 }),
    inspect: async () => ({ rows: {}, tensors: 0, tableBytes: 0, evictedRows: 0 }),
    snapshot: async () => ({ model: [], optimizer: [], rest: null }),
    restore: async () => {},
    close: async () => {},
  };
}

const events = Number(process.argv[2] ?? 500_000);
const out = await mkdtemp(join(tmpdir(), 'dadin-ingest-'));
try {
  await simulate({ synthetic: { preset: 'default', seed: 1, events, messages: null }, out, format: 'csv' });
  // paper: decode, order, window, mix, batches; default: click statistics and the linear part besides
  for (const preset of ['paper', 'paper', 'paper', 'default']) {
    const config = await loadConfig(join(out, 'config.yaml'), { overrides: [`model.preset=${preset}`] });
    const source = await createSource(config, out);
    const fold = await createFold(config);
    fold.positions.bind(source.partitions.map(({ name }) => name));
    await source.open(fold.positions.next());
    const startedMs = performance.now();
    const cpu = process.cpuUsage();
    await lastValueFrom(
      learn({
        source,
        order: new ReorderBuffer(config.ordering, fold.positions.starts(), null),
        fold,
        learner: idleLearner(),
        deadLetters: () => {},
        checkpoint: { isDue: () => false, save: async () => {} },
        stop: new AbortController().signal,
      }),
      { defaultValue: null },
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en');
    console.log(
      `preset ${preset}, ${fold.counts.events} events: ${rate(events / seconds)} events/s by the clock, ${rate(events / cpuSeconds)} a CPU second`,
    );
    await source.close();
  }
} finally {
  await rm(out, { recursive: true, force: true });
}
