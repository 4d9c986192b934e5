import type { ScorerOptions } from '../src/client/index.js';
import type { Config } from '../src/config/index.js';
import type { Learner } from '../src/core/index.js';
import { VersionDirectory, type VersionSink } from '../src/versions/index.js';
import { engineOptions, foldOptions, resolvePath } from './assembly.js';
import type { Fold } from './fold.js';
import { Publisher, type PublishOutcome } from './publish.js';
import type { ConfigIdentity } from './run-state.js';

/** Where model versions are written; null where that is not configured. */
export function createVersionSink({ publish }: Config, baseDirectory: string): VersionSink | null {
  return publish.directory === null ? null : new VersionDirectory(resolvePath(publish.directory, baseDirectory));
}

export interface PublishedParts {
  readonly fold: Fold;
  readonly learner: Pick<Learner, 'serving' | 'published' | 'describe'>;
  readonly identity: ConfigIdentity;
}

export function createPublisher(
  config: Config,
  sink: VersionSink,
  { fold, learner, identity }: PublishedParts,
  told: (outcome: PublishOutcome) => void,
): Publisher {
  const scorer = scorerOptions(config);
  return new Publisher(
    sink,
    config.publish,
    {
      front: fold.serving,
      learner,
      now: () => {
        const { backend, settings } = learner.describe();
        const summary = fold.summary();
        return {
          facts: {
            step: fold.steps,
            events: fold.counts.events,
            eventTimeMs: fold.eventTimeMs,
            configDigest: identity.digest,
            backend,
            backendSettings: settings,
            metrics: summary,
            scorer,
          },
          figures: { target: summary.target.window, source: summary.source.window },
        };
      },
    },
    told,
  );
}

/** What a scorer of this configuration's model versions is built from. */
function scorerOptions(config: Config): ScorerOptions {
  const { model, baseline } = engineOptions(config);
  const { history, sharedFeatures, statistics, linear, trainingRows } = foldOptions(config);
  const { mode, negativeRate } = trainingRows;
  return { model, baseline, history, sharedFeatures, statistics, linear, trainedSpace: { mode, negativeRate } };
}
