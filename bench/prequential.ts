/**
 * Events a second of the whole loop (read, join, look up histories, score, evaluate, train) in turns with the same loop
 * written plainly in Python and PyTorch. The processes are whole; both sides time from their first event on.
 *
 * usage, from the root of the repository, after `npm run build`: node dist/bench/prequential.js
 *                              [--events 100000] [--rounds 3] [--python PATH] [--out FILE.json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.js';

const { values: given } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string' },
  },
});
const PRODUCT = join('bin', 'dadin-stream.js');
const PEER = join('bench', 'peers', 'prequential_torch.py');

interface Run {
  readonly events: number;
  readonly seconds: number;
  /** Processor time of all threads; ours with the start of the process, the peer's without. */
  readonly cpuSeconds: number;
  /** Of the target domain, over the whole stream. */
  readonly auc: number;
}

/** Best run of each by wall time, and of each by processor time. */
async function main(): Promise<void> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const directory = await mkdtemp(join(tmpdir(), 'dadin-prequential-'));
  try {
    output(process.execPath, [PRODUCT, 'simulate', '--events', given.events, '--out', directory]);
    const runs = { product: [] as Run[], torch: [] as Run[] };
    for (let round = 0; round < Number(given.rounds); round++) {
      runs.product.push(product(directory));
      runs.torch.push(torch(directory));
    }
    const rates = { product: best(runs.product), torch: best(runs.torch) };
    console.table(rates);
    const ratio = Number((rates.product.eventsPerSecond / rates.torch.eventsPerSecond).toFixed(2));
    const cpuRatio = Number((rates.product.eventsPerCpuSecond / rates.torch.eventsPerCpuSecond).toFixed(2));
    console.log(`events a second, product over PyTorch: ${ratio}; by processor time ${cpuRatio}`);
    if (given.out === undefined) return;
    const result = { machine, loadAfter: describeMachine().load, ratio, cpuRatio, rates, runs };
    await writeFile(given.out, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function product(directory: string): Run {
  const sets = ['model.preset=small', 'batching.size=32'].flatMap((value) => ['--set', value]);
  const command = [process.execPath, PRODUCT, 'replay', '--config', join(directory, 'config.yaml'), '--json', ...sets];
  // `times` tells the processor time of the shell, then that of its children
  const text = output('bash', ['-c', '"$@"; times', 'bash', ...command]);
  const [summary, , children] = text.trimEnd().split('\n');
  const { events, seconds, domains } = JSON.parse(summary ?? '') as {
    events: number;
    seconds: number;
    domains: { target: { auc: number } };
  };
  const cpuSeconds = [...(children ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { events, seconds, cpuSeconds, auc: domains.target.auc };
}

function torch(directory: string): Run {
  return JSON.parse(output(given.python, [PEER, directory])) as Run;
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
  return stdout;
}

function best(runs: readonly Run[]): Record<'eventsPerSecond' | 'eventsPerCpuSecond' | 'auc', number> {
  const most = (rate: (run: Run) => number): number => Math.round(Math.max(...runs.map(rate)));
  return {
    eventsPerSecond: most(({ events, seconds }) => events / seconds),
    eventsPerCpuSecond: most(({ events, cpuSeconds }) => events / cpuSeconds),
    auc: Number((runs[0]?.auc ?? Number.NaN).toFixed(4)),
  };
}

await main();
