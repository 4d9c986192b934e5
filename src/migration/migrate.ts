import { join, resolve } from 'node:path';
import { configIdentity, createFold, createLearner } from '../../pipelines/assembly.js';
import type { FoldSnapshot } from '../../pipelines/fold.js';
import {
  type Checkpoint,
  CheckpointDirectory,
  foldDigest,
  listCheckpoints,
  type MigrationNote,
  nameOf,
  readCheckpoint,
} from '../checkpoint/index.js';
import type { Config } from '../config/index.js';
import { DadinError, type LearnerState, type StateValue } from '../core/index.js';
import { embeddingWidth } from './overlay-engine.js';
import { overlayFold } from './overlay-fold.js';
import { overlayLearner } from './overlay-learner.js';

export interface MigrateOptions {
  /** Folder of the old checkpoint. */
  readonly from: string;
  /** Directory of the new one; empty or not there. */
  readonly to: string;
  /** Go on without the embedding rows where their width changes. */
  readonly dropEmbeddings: boolean;
}

export interface Migration {
  readonly checkpoint: string;
  readonly note: MigrationNote;
  readonly digest: string;
}

/**
 * Makes a checkpoint that `config` can resume from another one that differs in learning keys: keeps the fold's state and
 * every tensor that fits, starts the rest anew and says so in the new lineage.
 *
 * @throws DadinError DADIN_USAGE where nothing is to be changed or the directory is in use, DADIN_CHECKPOINT_MISMATCH
 *   where the embedding width changes, DADIN_CHECKPOINT_UNREADABLE
 */
export async function migrate(config: Config, { from, to, dropEmbeddings }: MigrateOptions): Promise<Migration> {
  const old = await readCheckpoint(from);
  const identity = configIdentity(config);
  const changedKeys = identity.differences(old.manifest.config);
  if (changedKeys.length === 0) throw nothingToChange(from);
  await refuseUsedDirectory(to);
  const fold = await createFold(config);
  const learner = await createLearner(config);
  try {
    const fresh = await learner.snapshot();
    if (!dropEmbeddings) refuseOtherWidth(fresh, old, config.model.width);
    const overlaid = overlayLearner(fresh, old.learner);
    await learner.restore(overlaid.state);
    const { positions, sinks, schedule, publisher, ...front } = old.fold as unknown as FoldSnapshot &
      Record<string, StateValue>;
    const stages = overlayFold(fold.snapshot().state, front.state, changedKeys);
    fold.restore({ state: stages.state, positions });

    const note: MigrationNote = {
      checkpoint: resolve(from),
      digest: old.manifest.digest,
      configDigest: old.manifest.configDigest,
      changedKeys,
      startedAnew: [...overlaid.startedAnew, ...stages.startedAnew],
    };
    const snapshot = fold.snapshot();
    const state = await learner.snapshot();
    const digest = foldDigest(snapshot.state, state);
    const { backend, settings } = learner.describe();
    const directory = await CheckpointDirectory.own(to, config.checkpoint.keep);
    try {
      const { number } = await directory.write(
        { fold: { ...snapshot, sinks: sinks!, schedule: schedule!, publisher: publisher ?? null }, learner: state },
        {
          step: fold.steps,
          events: fold.counts.events,
          config,
          configDigest: identity.digest,
          backend,
          backendSettings: settings,
          positions: old.manifest.positions,
          eventTimeMs: fold.eventTimeMs,
          digest,
          metrics: fold.summary(),
          migratedFrom: note,
        },
      );
      return { checkpoint: join(to, nameOf(number)), note, digest };
    } finally {
      await directory.release();
    }
  } finally {
    await learner.close();
  }
}

function refuseOtherWidth(fresh: LearnerState, { path, learner }: Checkpoint, width: number): void {
  const oldWidth = embeddingWidth(learner);
  if (embeddingWidth(fresh) === oldWidth) return;
  const rows = learner.model.find(({ name }) => name === 'embedding.rows')?.shape[0] ?? 0;
  throw new DadinError('DADIN_CHECKPOINT_MISMATCH', `the embeddings of ${path} have another width`, {
    step: 'migrate',
    got: `${rows} rows of ${oldWidth}`,
    expected: `rows of ${width} (model.width)`,
    remedy:
      'keep model.width, or go on without them with --drop-embeddings: all that is known of users and items but their histories and counts is then learned anew, and so is most of the network',
  });
}

async function refuseUsedDirectory(to: string): Promise<void> {
  const numbers = await listCheckpoints(to).catch(() => []);
  if (numbers.length === 0) return;
  throw new DadinError('DADIN_USAGE', `${to} holds checkpoints already`, {
    step: 'migrate',
    remedy: 'give a new directory with --to: the old run stays as it is',
  });
}

function nothingToChange(from: string): DadinError {
  return new DadinError('DADIN_USAGE', `${from} was learned under the same learning keys`, {
    step: 'migrate',
    remedy: 'no migration is needed: replay --resume takes it as it is',
  });
}
