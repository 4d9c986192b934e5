/**
 * Speed of whole training steps and of scoring: every engine of the product and, where Python has torch, the same graph
 * in PyTorch, in turns, so that what else the machine does falls on all alike. Best of the rounds.
 *
 * usage, from the root of the repository, after `npm run build`: node dist/bench/step.js
 *                              [--engines fused,tfjs-node,tfjs-wasm] [--python PATH] [--batches 1,32] [--widths 16,64]
 *                              [--fills 0.4,1] [--rounds 5] [--compile] [--out FILE.json]
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DadinError } from '../src/core/index.js';
import type { Backend, BackendName } from '../src/training/backend.js';
import { setNativeEnvironment } from '../src/training/native-binding.js';
import {
  type Contender,
  EngineContender,
  newEngine,
  ProcessContender,
  type Round,
  type StepCase,
  type Work,
} from './contenders.js';
import { describeMachine } from './machine.js';
import { BatchSampler } from './sampler.js';

const { values: given } = parseArgs({
  options: {
    engines: { type: 'string', default: 'fused,tfjs-node,tfjs-wasm' },
    python: { type: 'string', default: 'python3' },
    batches: { type: 'string', default: '1,32,256,512,2000' },
    widths: { type: 'string', default: '16,64' },
    fills: { type: 'string', default: '0.4,1' },
    rounds: { type: 'string', default: '5' },
    compile: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const numbers = (list: string): number[] => list.split(',').map(Number);
const HIDDEN: Readonly<Record<number, readonly number[]>> = { 16: [64, 32, 16], 64: [512, 128, 64] };
const HISTORY_LENGTH = 20;
const PREDICTOR_WIDTH = 100;
const ROUND_MS = 150;
/** Until compilers have optimized and rows exist. */
const WARM_UP_MS = 1200;

interface Figure {
  readonly engine: string;
  readonly work: Work;
  readonly width: number;
  readonly batch: number;
  readonly fill: number;
  /** Best round. */
  readonly samplesPerSecond: number;
  /** Best round by processor time of all threads; above the other where the machine was busy with something else. */
  readonly samplesPerCpuSecond: number;
  /** Arithmetic of the matrix products alone, counted once for all engines. */
  readonly gflops: number;
}

async function main(): Promise<void> {
  setNativeEnvironment();
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const contenders = [...(await engines()), ...(await peers())];
  const peaks = contenders.flatMap((c) => (c instanceof EngineContender ? [[c.name, matmulPeak(c.backend)]] : []));
  console.log('matmul [512,512] x [512,512], GFLOP/s:', JSON.stringify(Object.fromEntries(peaks)));
  const figures: Figure[] = [];
  for (const stepCase of cases()) {
    for (const contender of contenders) await contender.prepare(stepCase);
    for (const work of ['step', 'score'] as const) {
      const measured = await inTurns(contenders, stepCase, work);
      console.table(Object.fromEntries(measured.map((f) => [label(f), columns(f)])));
      figures.push(...measured);
    }
  }
  const candidates = contenders.flatMap((c) => (c instanceof EngineContender ? candidateLatency(c) : []));
  console.log('100 candidates of one user, table look-up included, ms a call');
  console.table(candidates);
  for (const contender of contenders) await contender.close();
  if (given.out === undefined) return;
  const result = {
    machine,
    loadAfter: describeMachine().load,
    matmulPeakGflops: Object.fromEntries(peaks),
    figures,
    candidates,
  };
  await writeFile(given.out, `${JSON.stringify(result, null, 2)}\n`);
}

function cases(): StepCase[] {
  return numbers(given.widths).flatMap((width) =>
    numbers(given.fills).flatMap((fill) =>
      numbers(given.batches).map((batch) => ({
        width,
        hidden: HIDDEN[width] ?? [4 * width, 2 * width, width],
        batch,
        historyLength: HISTORY_LENGTH,
        fill,
      })),
    ),
  );
}

async function engines(): Promise<EngineContender[]> {
  const loaded: EngineContender[] = [];
  for (const name of given.engines.split(',') as BackendName[]) {
    try {
      loaded.push(await EngineContender.load(name));
    } catch (error) {
      if (!(error instanceof DadinError)) throw error;
      console.log(`skipped: ${error.message}`);
    }
  }
  return loaded;
}

async function peers(): Promise<ProcessContender[]> {
  const script = join('bench', 'peers', 'dadin_torch.py');
  const variants = [1, 2].flatMap((threads) => [
    [threads, false] as const,
    ...(given.compile ? [[threads, true] as const] : []),
  ]);
  const ready: ProcessContender[] = [];
  for (const [threads, compile] of variants) {
    const name = `torch, ${threads} thread${threads > 1 ? 's' : ''}${compile ? ', compiled' : ''}`;
    const args = [script, '--serve', '--threads', `${threads}`, ...(compile ? ['--compile'] : [])];
    const peer = new ProcessContender(name, given.python, args);
    try {
      console.log(name, JSON.stringify(await peer.describe()));
      ready.push(peer);
    } catch {
      console.log(`skipped: ${name}: ${given.python} does not run it`);
      await peer.close();
    }
  }
  return ready;
}

async function inTurns(contenders: readonly Contender[], stepCase: StepCase, work: Work): Promise<Figure[]> {
  const rounds = contenders.map((): Round[] => []);
  for (const contender of contenders) await contender.round(work, WARM_UP_MS);
  for (let turn = 0; turn < Number(given.rounds); turn++) {
    for (const [i, contender] of contenders.entries()) rounds[i]!.push(await contender.round(work, ROUND_MS));
  }
  return contenders.map((contender, i) => {
    const rate = (ms: keyof Omit<Round, 'calls'>): number =>
      Math.max(...rounds[i]!.map((round) => (1000 * stepCase.batch * round.calls) / round[ms]));
    const samplesPerSecond = Math.round(rate('wallMs'));
    return {
      engine: contender.name,
      work,
      width: stepCase.width,
      batch: stepCase.batch,
      fill: stepCase.fill,
      samplesPerSecond,
      samplesPerCpuSecond: Math.round(rate('cpuMs')),
      gflops: Number(((samplesPerSecond * flopsASample(stepCase, work)) / 1e9).toFixed(2)),
    };
  });
}

/** Matrix products of a sample, attention with one product a history place; a step is three times a forward pass. */
function flopsASample({ width: d, hidden, historyLength, fill }: StepCase, work: Work): number {
  const attention = 2 * historyLength * fill * d * d + 4 * d * d;
  const interest = 12 * d * d;
  const tower = hidden.reduce((sum, units, i) => sum + units * (hidden[i - 1] ?? d), 0);
  const products = attention + interest + 2 * tower + PREDICTOR_WIDTH * (d + 1);
  return 2 * products * (work === 'step' ? 3 : 1);
}

function matmulPeak({ ops }: Backend): number {
  const n = 512;
  const [a, b] = [new Float32Array(n * n).fill(1), new Float32Array(n * n).fill(1 / n)];
  let best = 0;
  ops.scope(() => {
    const [x, y] = [ops.upload(a, n, n), ops.upload(b, n, n)];
    for (let round = 0; round < 20; round++) {
      const begin = performance.now();
      ops.scope(() => void ops.download(ops.matmul(x, y, false, false), a));
      best = Math.max(best, (2 * n ** 3) / (performance.now() - begin) / 1e6);
    }
  });
  return Number(best.toFixed(1));
}

interface Latency {
  readonly engine: string;
  readonly width: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time a call, the mean. */
  readonly cpu: number;
}

/** Times one scoring call after the other, on batches that differ, with rows for all that was learned. */
function candidateLatency(contender: EngineContender): Latency[] {
  return numbers(given.widths).map((width) => {
    const shape = { historyLength: HISTORY_LENGTH, fill: 1 };
    const learned = new BatchSampler({ ...shape, size: 512 }, 1);
    const stepCase = { ...shape, width, hidden: HIDDEN[width] ?? [4 * width, 2 * width, width], batch: 100 };
    const engine = newEngine(contender.backend, stepCase);
    for (let i = 0; i < 8; i++) engine.train(learned.next(), i);
    const sampler = new BatchSampler({ ...shape, size: 100 }, 2);
    const batches = Array.from({ length: 50 }, () => sampler.nextCandidates());
    for (let i = 0; i < 200; i++) engine.score(batches[i % 50]!);
    const cpu = process.cpuUsage();
    const ms = Float64Array.from({ length: 500 }, (_, i) => {
      const begin = performance.now();
      engine.score(batches[i % 50]!);
      return performance.now() - begin;
    }).sort();
    const { user, system } = process.cpuUsage(cpu);
    const rounded = (x: number): number => Number(x.toFixed(3));
    return {
      engine: contender.name,
      width,
      p50: rounded(ms[250]!),
      p99: rounded(ms[495]!),
      cpu: rounded((user + system) / 1000 / ms.length),
    };
  });
}

function label({ engine, work, width, batch, fill }: Figure): string {
  return `${work} d ${width} B ${batch} fill ${fill} ${engine}`;
}

function columns({ samplesPerSecond, samplesPerCpuSecond, gflops }: Figure): Record<string, number> {
  return { 'samples/s': samplesPerSecond, 'samples/CPU s': samplesPerCpuSecond, 'GFLOP/s': gflops };
}

await main();
