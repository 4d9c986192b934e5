import { type Ops, SeededRandom } from '../src/core/index.js';
import { ExactAuc } from '../src/evaluation/index.js';
import type { ModelOptions } from '../src/model/model-options.js';
import { TrainingEngine } from '../src/training/engine.js';
import { HostileStream, type Hostility } from './hostile-stream.js';

export interface HostileOptions {
  readonly steps: number;
  /** Rows a step. */
  readonly size: number;
  /** Steps of one kind of hostility before the next. */
  readonly stretch: number;
  readonly hostilities: readonly Hostility[];
  readonly adversary: ModelOptions['adversary']['mode'];
  /** What the usual rates (dense 1e-3, embeddings 3e-3) are multiplied by. */
  readonly rateFactor: number;
  readonly seed: number;
}

export interface HostileResult {
  readonly discarded: number;
  readonly restored: number;
  /** Discarded steps by what the stream did then. */
  readonly discardedIn: Readonly<Partial<Record<Hostility, number>>>;
  readonly stepsOf: Readonly<Partial<Record<Hostility, number>>>;
  readonly nonFiniteWeights: number;
  readonly nonFiniteScores: number;
  readonly weightsChecked: number;
  readonly scoresChecked: number;
  readonly largestWeight: number;
  readonly evictedRows: number;
  readonly liveRows: number;
  /** AUC of rows before they were learned: of the second half of every peaceful stretch, and of the peace at the end. */
  readonly peaceAuc: number;
  readonly lastPeaceAuc: number;
}

const CHECK_EVERY = 100;
const STEP_MS = 1000;

/** Trains on a stream in which every other stretch is a hostility drawn by lot, and the last twenty are peace. */
export function runHostile<T>(ops: Ops<T>, options: HostileOptions): HostileResult {
  const { steps, size, stretch, hostilities, seed } = options;
  const engine = new TrainingEngine(ops, { backend: 'hostile', settings: {} }, engineOptions(options));
  const stream = new HostileStream(seed, size);
  const lot = new SeededRandom(seed, 'lot');
  const discardedIn: Partial<Record<Hostility, number>> = {};
  const stepsOf: Partial<Record<Hostility, number>> = {};
  const peace = new ExactAuc();
  const lastPeace = new ExactAuc();
  let [discarded, restored, nonFiniteWeights, nonFiniteScores, weightsChecked, scoresChecked, largestWeight] = [
    0, 0, 0, 0, 0, 0, 0,
  ];
  let hostility: Hostility = 'peace';
  for (let step = 0; step < steps; step++) {
    const last = steps - step <= 20 * stretch;
    if (step % stretch === 0) {
      const hostile = !last && (step / stretch) % 2 === 1;
      hostility = hostile ? hostilities[lot.below(hostilities.length)]! : 'peace';
    }
    const batch = stream.next(hostility);
    stepsOf[hostility] = (stepsOf[hostility] ?? 0) + 1;
    if (step % CHECK_EVERY === 0) {
      const scores = engine.score(batch);
      scoresChecked += scores.length;
      for (const x of scores) if (!Number.isFinite(x)) nonFiniteScores++;
      const { model, optimizer } = engine.snapshot();
      for (const { data } of [...model, ...optimizer.filter((t) => t.name !== 'embedding.touched_ms')]) {
        weightsChecked += data.length;
        for (const x of data) if (!Number.isFinite(x)) nonFiniteWeights++;
      }
      for (const { name, data } of model) {
        if (name !== 'embedding.ids') for (const x of data) largestWeight = Math.max(largestWeight, Math.abs(x));
      }
    }
    const report = engine.train(batch, step * STEP_MS);
    if (report.discarded) {
      discarded++;
      discardedIn[hostility] = (discardedIn[hostility] ?? 0) + 1;
    }
    if (report.restored) restored++;
    if (hostility !== 'peace' || step % stretch < stretch / 2) continue;
    for (let i = 0; i < size; i++) {
      const clicked = batch.label[i] as 0 | 1;
      peace.add(engine.prediction[i]!, clicked);
      if (last) lastPeace.add(engine.prediction[i]!, clicked);
    }
  }
  const { rows, evictedRows } = engine.inspect();
  return {
    ...{ discarded, restored, discardedIn, stepsOf, nonFiniteWeights, nonFiniteScores, weightsChecked, scoresChecked },
    largestWeight,
    evictedRows,
    liveRows: Object.values(rows).reduce((a, b) => a + b, 0),
    peaceAuc: peace.auc ?? Number.NaN,
    lastPeaceAuc: lastPeace.auc ?? Number.NaN,
  };
}

function engineOptions({
  adversary,
  rateFactor,
  seed,
}: HostileOptions): ConstructorParameters<typeof TrainingEngine>[2] {
  return {
    model: {
      ...{ width: 8, hidden: [32, 16, 8], predictorWidth: 16, lastActivation: 'act', interestBias: 'outside' },
      ...{ discriminatorInput: 'raw', detachYhat: true, lambda1: 1, lambda2: 1, lambda3: 1, alpha: 0.5, dropout: 0 },
      ...{ ablation: 0, threshold: { mode: 'prior', value: 0.5 }, classScale: 'literal', domainBalance: 'natural' },
      adversary: { mode: adversary, strength: 1, kappa: 1.2, rampSteps: 200 },
      denseWidth: 0,
      offsetInput: false,
    },
    optimizer: {
      denseLearningRate: 1e-3 * rateFactor,
      embeddingLearningRate: 3e-3 * rateFactor,
      discriminatorLearningRate: null,
    },
    guard: { everySteps: 200, afterDiscards: 3 },
    table: {
      initStd: 0.05,
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      maxRows: 20_000,
      admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
      ttlMs: { user: 400 * STEP_MS, itemTarget: 400 * STEP_MS, itemSource: null, shared: null },
    },
    seed,
    baseline: null,
    slices: 1,
    race: false,
  };
}
