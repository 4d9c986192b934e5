/**
 * An engine of the product as a contender of bench/step.ts, which starts it: answers lines of JSON. Steps and scores are
 * whole, from feature ids to updated rows. Arguments: the backend, and how many threads work on as many slices.
 */
import { createInterface } from 'node:readline';
import type { Ops, SampleBatch } from '../src/core/index.js';
import type { ModelOptions } from '../src/model/model-options.js';
import { type BackendName, loadBackend } from '../src/training/backend.js';
import { TrainingEngine } from '../src/training/engine.js';
import { setNativeEnvironment } from '../src/training/native-binding.js';
import { startSliceThreads } from '../src/training/slice-threads.js';
import { HIDDEN, HISTORY_LENGTH, type Latency, type Round, type StepCase, type Work } from './contenders.js';
import { BatchSampler } from './sampler.js';

type Question =
  | { readonly describe: true }
  | { readonly prepare: StepCase }
  | { readonly round: Work; readonly ms: number }
  | { readonly candidates: number };

/** Samples that the batches of a case hold together: enough that no step learns its neighbour's rows. */
const SAMPLES = 8192;

const MODEL: Omit<ModelOptions, 'width' | 'hidden'> = {
  predictorWidth: 100,
  lastActivation: 'act',
  interestBias: 'outside',
  discriminatorInput: 'raw',
  detachYhat: true,
  lambda1: 1,
  lambda2: 1,
  lambda3: 1,
  alpha: 0.5,
  dropout: 0,
  ablation: 0,
  threshold: { mode: 'prior', value: 0.5 },
  adversary: { mode: 'governed', strength: 1, kappa: 1.2, rampSteps: 2000 },
  classScale: 'literal',
  domainBalance: 'natural',
  denseWidth: 0,
  offsetInput: false,
};

setNativeEnvironment();
const loaded = await loadBackend(process.argv[2] as BackendName, 16);
const threads = Number(process.argv[3] ?? 1);
const backend = threads === 1 ? loaded : { ...loaded, threads: await startSliceThreads(threads - 1, loaded.backend) };
let engine: TrainingEngine<unknown> | null = null;
let batches: readonly SampleBatch[] = [];
let next = 0;
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line) as Question)));
}
process.exit();

function answer(question: Question): object {
  if ('describe' in question) return { ...backend.settings, threads, matmulGflops: matmulPeak(backend.ops) };
  if ('candidates' in question) return candidateLatency(question.candidates);
  if ('round' in question) return round(question.round, question.ms);
  engine = newEngine(question.prepare);
  batches = sampleBatches(question.prepare);
  return {};
}

function round(work: Work, ms: number): Round {
  if (engine === null) throw new Error('a round without a case');
  const [cpu, begin] = [process.cpuUsage(), performance.now()];
  let calls = 0;
  let wallMs = 0;
  while (calls === 0 || wallMs < ms) {
    const batch = batches[next++ % batches.length]!;
    if (work === 'step') engine.train(batch, next);
    else engine.score(batch);
    calls++;
    wallMs = performance.now() - begin;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { calls, wallMs, cpuMs: (user + system) / 1000 };
}

function sampleBatches(stepCase: StepCase): SampleBatch[] {
  const sampler = new BatchSampler({ ...stepCase, size: stepCase.batch }, 1);
  const count = Math.max(4, Math.min(256, Math.ceil(SAMPLES / stepCase.batch)));
  return Array.from({ length: count }, () => sampler.next());
}

/** An engine as the presets `small` and `paper` make it. */
function newEngine({ width, hidden }: Pick<StepCase, 'width' | 'hidden'>): TrainingEngine<unknown> {
  return new TrainingEngine(backend.ops, backend, {
    model: { ...MODEL, width, hidden },
    optimizer: { denseLearningRate: 1e-3, embeddingLearningRate: 3e-3, discriminatorLearningRate: null },
    guard: { everySteps: 1000, afterDiscards: 3 },
    table: {
      initStd: 0.05,
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      maxRows: 1_000_000,
      admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
      ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
    },
    seed: 1,
    slices: threads,
    baseline: null,
    race: false,
  });
}

/** GFLOP/s of [512,512] x [512,512]. */
function matmulPeak(ops: Ops<unknown>): number {
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

/** Times one scoring call after the other, on batches that differ, with rows for what was learned. */
function candidateLatency(width: number): Latency {
  const shape = { historyLength: HISTORY_LENGTH, fill: 1 };
  const learned = new BatchSampler({ ...shape, size: 512 }, 1);
  const learner = newEngine({ width, hidden: HIDDEN[width]! });
  for (let i = 0; i < 8; i++) learner.train(learned.next(), i);
  const sampler = new BatchSampler({ ...shape, size: 100 }, 2);
  const calls = Array.from({ length: 50 }, () => sampler.nextCandidates());
  for (let i = 0; i < 200; i++) learner.score(calls[i % 50]!);
  const cpu = process.cpuUsage();
  const ms = Float64Array.from({ length: 500 }, (_, i) => {
    const begin = performance.now();
    learner.score(calls[i % 50]!);
    return performance.now() - begin;
  }).sort();
  const { user, system } = process.cpuUsage(cpu);
  const rounded = (x: number): number => Number(x.toFixed(3));
  return { width, p50: rounded(ms[250]!), p99: rounded(ms[495]!), cpu: rounded((user + system) / 1000 / ms.length) };
}
