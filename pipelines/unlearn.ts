import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CheckpointDirectory,
  journalPath,
  listCheckpoints,
  nameOf,
  readJournal,
  readManifest,
} from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { createSource, resolvePath } from './assembly.js';
import { withoutOutputs } from './certify.js';
import { closingAtEnd } from './closing.js';
import type { RunObserver, RunSummary } from './learning-run.js';
import { createVersionSink } from './publishing.js';
import { replay } from './replay.js';
import { findUser, type UserRecords, withoutUser } from './user-records.js';

export interface UnlearnOptions {
  readonly baseDirectory: string;
  readonly userId: string;
  /** New directory for the checkpoints of the learner that has never met the user. */
  readonly out: string;
  readonly stop: AbortSignal;
  readonly observer: RunObserver;
}

/** Names no user: it may be kept. */
export interface Unlearned {
  /** Of the user, in the log. */
  readonly records: number;
  /** Checkpoint from before the first of them, from which the log was learned again; null: from its beginning. */
  readonly from: string | null;
  readonly digest: string;
  readonly checkpoint: string | null;
  /** Checkpoints that were learned from the user and still lie there. */
  readonly taintedCheckpoints: readonly string[];
  /** Numbers of the published versions that were, and were taken away; those that stand in their place. */
  readonly taintedVersions: readonly number[];
  readonly correctedVersions: readonly number[];
}

/**
 * Learns the log again without one user's records, from the last checkpoint kept that had met none of them, and publishes
 * what comes of it in place of the versions that had. The result is that of training on the log without the user.
 *
 * @throws DadinError DADIN_USAGE where the log holds nothing of the user, or commands stand in the journal; DADIN_CHECKPOINT_LOCKED
 *   while a learner goes on; and all that `replay` throws
 */
export async function unlearn(config: Config, options: UnlearnOptions): Promise<Unlearned> {
  const { baseDirectory, observer, out } = options;
  return await closingAtEnd(async (atEnd) => {
    const old = config.checkpoint.directory === null ? null : resolvePath(config.checkpoint.directory, baseDirectory);
    if (old !== null && (await isThere(old))) {
      const directory = await CheckpointDirectory.own(old, config.checkpoint.keep);
      atEnd(() => directory.release());
    }
    const user = await inLog(config, options);
    const { before, tainted } = old === null ? { before: null, tainted: [] } : await divide(old, user);
    if (before === null)
      observer.notice('no checkpoint is kept from before the user came: the whole log is learned again');
    const journal = old === null ? null : journalPath(old);
    if (journal !== null) await assertNoCommands(journal);
    const sink = await createVersionSink(config, {
      baseDirectory,
      isOwner: async () => true, // the lock says so
      notice: (message) => observer.notice(message),
    });
    if (sink !== null) atEnd(() => sink.close());
    const published = (await sink?.kept()) ?? [];
    const summary: RunSummary = await replay(
      { ...withoutOutputs(config), checkpoint: { ...config.checkpoint, directory: out } },
      {
        baseDirectory,
        resume: 'never',
        ...(journal === null ? {} : { journal }),
        ...(sink === null ? {} : { versions: sink }),
        instead: { from: before, around: (source) => withoutUser(source, user) },
        stop: options.stop,
        observer,
      },
    );
    const taintedVersions = published.filter(({ manifest }) => (manifest.eventTimeMs ?? 0) >= user.firstMs);
    const known = new Set(published.map(({ digest }) => digest));
    const corrected = ((await sink?.kept()) ?? []).filter(({ digest }) => !known.has(digest));
    // only once something stands in their place
    if (corrected.length > 0 && !summary.stopped) await sink?.retire(taintedVersions);
    return {
      records: user.records,
      from: before,
      digest: summary.digest,
      checkpoint: summary.checkpoint,
      taintedCheckpoints: tainted,
      taintedVersions: taintedVersions.map(({ number }) => number),
      correctedVersions: corrected.map(({ number }) => number),
    };
  });
}

async function inLog(config: Config, { baseDirectory, userId, observer }: UnlearnOptions): Promise<UserRecords> {
  const source = await createSource(config, baseDirectory, (message) => observer.notice(message));
  try {
    const user = await findUser(source, userId);
    if (user.records > 0) return user;
  } finally {
    await source.close();
  }
  throw new DadinError('DADIN_USAGE', 'the log holds nothing of this user', {
    step: 'unlearn',
    expected: 'the id as it stands in the log, and the log as it was learned',
  });
}

/** The newest checkpoint that met none of the user's records, and those that may have. */
async function divide(directory: string, { firstMs, first }: UserRecords) {
  let before: string | null = null;
  const tainted: string[] = [];
  for (const number of (await isThere(directory)) ? await listCheckpoints(directory) : []) {
    const path = join(directory, nameOf(number));
    const { eventTimeMs, positions } = await readManifest(path);
    const isBefore =
      (eventTimeMs === null || eventTimeMs < firstMs) &&
      [...first].every(([name, position]) => BigInt(positions[name] ?? 0) <= position);
    if (isBefore) before = path;
    else tainted.push(path);
  }
  return { before, tainted };
}

/** Their places count the events of all users. */
async function assertNoCommands(journal: string): Promise<void> {
  if ((await readJournal(journal)).every(({ kind }) => kind !== 'control')) return;
  throw new DadinError('DADIN_USAGE', `${journal} holds commands of operators, whose places would not be the same`, {
    step: 'unlearn',
    remedy: 'replay the log without the user into a new directory; the commands must be given anew',
  });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
