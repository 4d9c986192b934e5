import { join } from 'node:path';
import { KafkaLog, type ScorerOptions } from '../src/client/index.js';
import type { Config } from '../src/config/index.js';
import type { Learner } from '../src/core/index.js';
import { createKafka, kafkaNotices } from '../src/kafka/index.js';
import { TransactionalProducer } from '../src/sinks/kafka/index.js';
import {
  RefusedVersions,
  VersionDirectory,
  type VersionSink,
  type VersionSource,
  VersionTopic,
} from '../src/versions/index.js';
import { engineOptions, foldOptions, resolvePath } from './assembly.js';
import type { Fold } from './fold.js';
import { kafkaConnection } from './kafka-connection.js';
import { Publisher, type PublishOutcome } from './publish.js';
import type { ConfigIdentity } from './run-state.js';

/** Brokers end a transaction that takes longer. */
const TRANSACTION_TIMEOUT_MS = 60_000;

export interface VersionPlaces {
  readonly baseDirectory: string;
  /** Hears what brokers have to say. */
  readonly notice: (message: string) => void;
}

/**
 * Where model versions are written; null where that is not configured. `isOwner`: asked before a topic's transactional id is
 * taken, since a standby or a deposed owner would fence the learner that publishes.
 */
export async function createVersionSink(
  config: Config,
  places: VersionPlaces & { readonly isOwner: () => Promise<boolean> },
): Promise<VersionSink | null> {
  const { directory, topic, name } = config.publish;
  if (directory !== null) return new VersionDirectory(resolvePath(directory, places.baseDirectory));
  if (topic === null) return null;
  const kafka = await versionsKafka(config, places);
  const producer = new TransactionalProducer(kafka, {
    transactionalId: `dadin-stream-versions-${name}`,
    transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    isOwner: places.isOwner,
  });
  return new VersionTopic(new KafkaLog(kafka, topic, producer), name);
}

/** Where subscribers read the versions that this configuration's learner writes; null where it writes none. */
export async function createVersionSource(config: Config, places: VersionPlaces): Promise<VersionSource | null> {
  const { directory, topic } = config.publish;
  if (directory !== null) return new VersionDirectory(resolvePath(directory, places.baseDirectory));
  return topic === null ? null : await createVersionReader(config, topic, places);
}

/** Reads the configured model's versions from a topic. */
export async function createVersionReader(config: Config, topic: string, places: VersionPlaces): Promise<VersionTopic> {
  return new VersionTopic(new KafkaLog(await versionsKafka(config, places), topic), config.publish.name);
}

/** Where refused versions are kept: beside the published ones, or in the directory of the checkpoints where those go to a topic. */
export function refusedDirectory({ publish, checkpoint }: Config, baseDirectory: string): string | null {
  const beside = publish.directory ?? (publish.topic === null ? null : checkpoint.directory);
  return beside === null ? null : join(resolvePath(beside, baseDirectory), 'refused');
}

/** Null where none are kept. */
export function createRefusedVersions(config: Config, baseDirectory: string): RefusedVersions | null {
  const path = refusedDirectory(config, baseDirectory);
  const { keepRefused } = config.publish;
  return path === null || keepRefused === 0 ? null : new RefusedVersions(path, keepRefused);
}

async function versionsKafka(config: Config, { baseDirectory, notice }: VersionPlaces) {
  return createKafka(await kafkaConnection(config.kafka, { env: process.env, baseDirectory }), kafkaNotices(notice));
}

export interface PublishedParts {
  readonly fold: Fold;
  readonly learner: Pick<Learner, 'serving' | 'published' | 'describe'>;
  readonly identity: ConfigIdentity;
  readonly refused: RefusedVersions | null;
}

export function createPublisher(
  config: Config,
  sink: VersionSink,
  { fold, learner, identity, refused }: PublishedParts,
  told: (outcome: PublishOutcome) => void,
): Publisher {
  const scorer = scorerOptions(config);
  return new Publisher(
    sink,
    refused,
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
            scored: fold.versions.summary(),
            scorer,
          },
          figures: { target: summary.target.window, source: summary.source.window },
          fresh: fold.versions.fresh.summary(),
        };
      },
    },
    (outcome) => {
      fold.versions.fresh.clear();
      if ('published' in outcome) fold.versions.published(outcome.published.number, fold.steps);
      told(outcome);
    },
  );
}

/** What a scorer of this configuration's model versions is built from. */
function scorerOptions(config: Config): ScorerOptions {
  const { model, baseline } = engineOptions(config);
  const { history, sharedFeatures, statistics, linear, trainingRows } = foldOptions(config);
  const { mode, negativeRate } = trainingRows;
  return { model, baseline, history, sharedFeatures, statistics, linear, trainedSpace: { mode, negativeRate } };
}
