import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFold, createSource } from '../pipelines/assembly.js';
import { simulate } from '../pipelines/simulate.js';
import { loadConfig } from '../src/config/index.js';
import { foldLog } from './fold-log.js';

// The ingest path without training: file -> decode -> order -> window -> join -> mix -> batches, one core.
//   node dist/bench/ingest.js [EVENTS]

const events = Number(process.argv[2] ?? 500_000);
const out = await mkdtemp(join(tmpdir(), 'dadin-ingest-'));
try {
  await simulate({ synthetic: { preset: 'default', seed: 1, events, messages: null }, out, format: 'csv' });
  // paper: decode, order, window, mix, batches; default: click statistics and the linear part besides
  for (const preset of ['paper', 'paper', 'paper', 'default']) {
    const config = await loadConfig(join(out, 'config.yaml'), { overrides: [`model.preset=${preset}`] });
    const source = await createSource(config, out);
    const fold = await createFold(config);
    fold.positions.bind(source.partitions);
    await source.open(fold.positions.next());
    const startedMs = performance.now();
    const cpu = process.cpuUsage();
    await foldLog(config, source, fold, (turn) => {
      fold.batches(turn);
    });
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
