import { availableParallelism } from 'node:os';
import { type Config, configDigest, learningDifferences } from '../src/config/index.js';
import type { EventSource, Learner } from '../src/core/index.js';
import { FeatureHasher } from '../src/features/index.js';
import type { LinearPartOptions } from '../src/linear/index.js';
import { createFileSource } from '../src/sources/files/index.js';
import { createSyntheticSource } from '../src/sources/synthetic/index.js';
import { type ClickStatisticsOptions, STATISTICS_COLUMNS } from '../src/statistics/index.js';
import { type EngineOptions, startLearner } from '../src/training/index.js';
import { Fold } from './fold.js';
import type { FoldOptions } from './fold-options.js';
import { connectTopics } from './kafka-input.js';
import { LedgerLearner } from './ledger-learner.js';
import type { ConfigIdentity } from './run-state.js';

export { resolvePath } from './resolve-path.js';

/**
 * Bi-interaction multiplies embeddings pairwise: .01 would start learning very late; .05 to .2 work (algorithm A.5, number
 * 33). On claim 1's streams .1 makes most of the interactions (bench/claims.ts), elsewhere it is as good as .05.
 */
const INITIAL_STD = 0.1;

/** About 43 bytes a key: users, items, attributes and their pairs. */
const STANDARD_LINEAR = { kind: 'adaptive', learningRate: null, bits: 20, features: null, crosses: null } as const;
const STATISTICS: ClickStatisticsOptions = { maxKeys: 4_000_000, halfLifeMs: null };

/** From the configuration to the parts that it describes; nothing here decides anything. */

/** A log with an end: topics end where they end now. `notice` hears what a user should know of brokers and lost records. */
export async function createSource(
  config: Config,
  baseDirectory: string,
  notice: (message: string) => void = (message) => process.stderr.write(`${message}\n`),
): Promise<EventSource> {
  const { input, ordering } = config;
  switch (input.kind) {
    case 'files':
      return await createFileSource(input.files, { baseDirectory, sortMemoryBytes: ordering.sortMemoryBytes });
    case 'kafka':
      return await connectTopics(config, { baseDirectory, bounded: true, notice });
    case 'synthetic':
      return createSyntheticSource(input.synthetic);
  }
}

export async function createFold(config: Config): Promise<Fold> {
  return new Fold(foldOptions(config), await FeatureHasher.create());
}

export async function createLearner(config: Config): Promise<Learner> {
  const start = (engine: EngineOptions) =>
    startLearner({
      backend: config.training.backend,
      engine,
      threads: config.training.threads ?? Math.min(config.training.slices, availableParallelism()),
    });
  const engine = engineOptions(config);
  if (!config.transfer.ledger) return await start(engine);
  const main = await start(engine);
  try {
    return new LedgerLearner(main, await start(twinOptions(engine)));
  } catch (error) {
    await main.close();
    throw error;
  }
}

/** With one domain alone there is nothing to discriminate. */
function twinOptions(engine: EngineOptions): EngineOptions {
  const { model } = engine;
  return { ...engine, race: false, model: { ...model, adversary: { ...model.adversary, mode: 'off' } } };
}

export function configIdentity(config: Config): ConfigIdentity {
  return {
    config,
    digest: configDigest(config),
    // a checkpoint of this product holds a whole, validated configuration
    differences: (other) => learningDifferences(config, other as Config),
  };
}

export function foldOptions(config: Config): FoldOptions {
  const { history, labels, batching, drift, evaluation, features, model, ordering, transfer } = config;
  const watch = ({ detector, signal }: Config['drift']['target']) => ({
    detector,
    signal,
    coolDownRows: drift.coolDownRows,
    effectRows: drift.effectRows,
  });
  return {
    history: {
      ...history,
      coldImpressions: evaluation.coldImpressions,
      newImpressions: evaluation.newItemImpressions,
    },
    join: labels,
    trainingRows: labels,
    batching: { ...batching, seed: config.seed },
    evaluation: {
      bins: evaluation.bins,
      drift: { target: watch(drift.target), source: watch(drift.source) },
      window: {
        minPositives: evaluation.windowPositives,
        spanMs: evaluation.minWindowMs,
        maxRows: evaluation.maxWindowRows,
      },
    },
    adaptation: {
      steps: drift.adaptSteps,
      embeddingRateFactor: drift.embeddingRateFactor,
      secondMomentFactor: drift.secondMomentFactor,
    },
    adaptsTo: { target: drift.target.reaction === 'adapt', source: drift.source.reaction === 'adapt' },
    sharedFeatures: features.shared,
    dedupWindowMs: ordering.dedupWindowMs,
    statistics: model.statistics ? STATISTICS : null,
    linear: linearOptions(model.linear),
    transfer: transfer.ledger ? transfer : null,
  };
}

/** `true` is an adaptive part with the standard rate, size and crosses. */
function linearOptions(linear: Config['model']['linear']): LinearPartOptions | null {
  if (linear === false) return null;
  const { kind, learningRate, bits, features, crosses } = linear === true ? STANDARD_LINEAR : linear;
  return kind === 'adaptive'
    ? { kind, bits, learningRate: learningRate ?? 1, priorSquares: 4, features, crosses }
    : { kind, bits, alpha: learningRate ?? 0.1, beta: 1, l1: 0, l2: 1, features, crosses };
}

export function engineOptions({ model, training, seed }: Config): EngineOptions {
  const { statistics, linear, preset: _preset, kind, baselines, adversary, ...dadin } = model;
  return {
    model: {
      ...dadin,
      adversary: { ...adversary, mode: adversary.mode === 'auto' ? 'governed' : adversary.mode },
      denseWidth: statistics ? STATISTICS_COLUMNS.length : 0,
      // a part that reads little says nothing that the model does not know better
      offsetInput: linear === true || (linear !== false && linear.features === null),
    },
    baseline: kind === 'dadin' ? null : { kind, width: model.width, hidden: model.hidden, ...baselines },
    optimizer: training,
    guard: { everySteps: training.guardEverySteps, afterDiscards: training.guardAfterDiscards },
    table: {
      initStd: INITIAL_STD,
      optimizer:
        training.embeddingOptimizer === 'adam'
          ? { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
          : { kind: 'adagrad', epsilon: 1e-8, decay: 0.999 },
      maxRows: training.maxRows,
      admitAfter: training.admitAfter,
      ttlMs: training.ttlMs,
    },
    seed,
    slices: training.slices,
    race: adversary.mode === 'auto',
  };
}
