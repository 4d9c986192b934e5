import { isAbsolute, join } from 'node:path';
import { type Config, configDigest, learningDifferences } from '../src/config/index.js';
import type { EventSource, Learner } from '../src/core/index.js';
import { FeatureHasher } from '../src/features/index.js';
import { createFileSource } from '../src/sources/files/index.js';
import { createSyntheticSource } from '../src/sources/synthetic/index.js';
import { startLearner } from '../src/training/index.js';
import { Fold, type FoldOptions } from './fold.js';
import type { ConfigIdentity } from './run-state.js';

/** From the configuration to the parts that it describes; nothing here decides anything. */

export async function createSource(config: Config, baseDirectory: string): Promise<EventSource> {
  return config.input.kind === 'files'
    ? await createFileSource(config.input.files, { baseDirectory, sortMemoryBytes: config.ordering.sortMemoryBytes })
    : createSyntheticSource(config.input.synthetic);
}

export async function createFold(config: Config): Promise<Fold> {
  return new Fold(foldOptions(config), await FeatureHasher.create());
}

export async function createLearner(config: Config): Promise<Learner> {
  return await startLearner({ backend: config.training.backend, engine: engineOptions(config) });
}

export function configIdentity(config: Config): ConfigIdentity {
  return {
    config,
    digest: configDigest(config),
    // a checkpoint of this product holds a whole, validated configuration
    differences: (other) => learningDifferences(config, other as Config),
  };
}

export function resolvePath(path: string, baseDirectory: string): string {
  return isAbsolute(path) ? path : join(baseDirectory, path);
}

export function foldOptions(config: Config): FoldOptions {
  const { history, labels, batching, evaluation, features, ordering } = config;
  return {
    history: {
      ...history,
      coldImpressions: evaluation.coldImpressions,
      newImpressions: evaluation.newItemImpressions,
    },
    join: labels,
    batching: { ...batching, seed: config.seed },
    evaluation: {
      bins: evaluation.bins,
      window: {
        minPositives: evaluation.windowPositives,
        spanMs: evaluation.minWindowMs,
        maxRows: evaluation.maxWindowRows,
      },
    },
    sharedFeatures: features.shared,
    dedupWindowMs: ordering.dedupWindowMs,
  };
}
