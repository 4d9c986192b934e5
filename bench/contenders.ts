import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { SampleBatch } from '../src/core/index.js';
import type { ModelOptions } from '../src/model/model-options.js';
import { type Backend, type BackendName, loadBackend } from '../src/training/backend.js';
import { TrainingEngine } from '../src/training/engine.js';
import { BatchSampler } from './sampler.js';

export interface StepCase {
  readonly width: number;
  readonly hidden: readonly number[];
  readonly batch: number;
  readonly historyLength: number;
  readonly fill: number;
}

export type Work = 'step' | 'score';

/** What one round of calls took. */
export interface Round {
  readonly calls: number;
  readonly wallMs: number;
  /** All threads of the process together. */
  readonly cpuMs: number;
}

/** One of those who run the same case in turns. */
export interface Contender {
  readonly name: string;
  /** Forgets the case before. */
  prepare(stepCase: StepCase): Promise<void>;
  /** Whole calls until `ms` have passed, one at least. */
  round(work: Work, ms: number): Promise<Round>;
  close(): Promise<void>;
}

/** Samples that the batches of a case hold together: enough distinct batches that no step learns its neighbour's rows. */
const SAMPLES = 8192;

/** An engine of the product: `TrainingEngine.train` and `.score` whole, from feature ids to updated rows. */
export class EngineContender implements Contender {
  readonly name: BackendName;
  readonly backend: Backend;
  #engine: TrainingEngine<unknown> | null = null;
  #batches: readonly SampleBatch[] = [];
  #next = 0;

  private constructor(backend: Backend) {
    this.name = backend.backend;
    this.backend = backend;
  }

  /** @throws DadinError DADIN_BACKEND_UNAVAILABLE */
  static async load(name: BackendName): Promise<EngineContender> {
    return new EngineContender(await loadBackend(name, 16));
  }

  async prepare(stepCase: StepCase): Promise<void> {
    this.#engine = newEngine(this.backend, stepCase);
    this.#batches = sampleBatches(stepCase);
  }

  async round(work: Work, ms: number): Promise<Round> {
    const engine = this.#engine;
    if (engine === null) throw new Error('a round without a case');
    const [cpu, begin] = [process.cpuUsage(), performance.now()];
    let calls = 0;
    let wallMs = 0;
    while (calls === 0 || wallMs < ms) {
      const batch = this.#batches[this.#next++ % this.#batches.length]!;
      if (work === 'step') engine.train(batch, this.#next);
      else engine.score(batch);
      calls++;
      wallMs = performance.now() - begin;
    }
    const { user, system } = process.cpuUsage(cpu);
    return { calls, wallMs, cpuMs: (user + system) / 1000 };
  }

  async close(): Promise<void> {
    this.#engine = null;
  }
}

/** A peer in another process, which answers each line of JSON with one: see bench/peers. */
export class ProcessContender implements Contender {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async prepare(stepCase: StepCase): Promise<void> {
    await this.#ask({ prepare: stepCase });
  }

  async round(work: Work, ms: number): Promise<Round> {
    return (await this.#ask({ round: work, ms })) as unknown as Round;
  }

  /** The answer to the first question, which says what answers. */
  async describe(): Promise<Readonly<Record<string, string | number>>> {
    return (await this.#ask({ describe: true })) as Readonly<Record<string, string | number>>;
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
  }

  async #ask(question: object): Promise<object> {
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${this.name} has ended`);
    return JSON.parse(value) as object;
  }
}

function sampleBatches(stepCase: StepCase): SampleBatch[] {
  const sampler = new BatchSampler({ ...stepCase, size: stepCase.batch }, 1);
  const count = Math.max(4, Math.min(256, Math.ceil(SAMPLES / stepCase.batch)));
  return Array.from({ length: count }, () => sampler.next());
}

/** An engine as the presets `small` and `paper` make it. */
export function newEngine(backend: Backend, { width, hidden }: StepCase): TrainingEngine<unknown> {
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
    race: false,
  });
}

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
