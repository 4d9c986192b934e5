import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CheckpointManifest,
  listCheckpoints,
  nameOf,
  readCheckpoint,
  readManifest,
} from '../src/checkpoint/index.js';
import { controlRefused, DadinError, type Learner, type ResetPoint, syncFolder } from '../src/core/index.js';
import type { VersionManifest } from '../src/versions/index.js';
import type { Fold, FoldSnapshot } from './fold.js';

/** Where checkpoints lie that a rollback went back to; the journal beside it names them, so they stay as long as it does. */
const FOLDER = 'reset';

/**
 * Sets the newest checkpoint aside that a version may come from: of its configuration, and with no more events than it.
 * `directory`: of the checkpoints.
 *
 * @throws DadinError DADIN_CONTROL_REFUSED where none is kept
 */
export async function setResetPoint(
  directory: string,
  version: Pick<VersionManifest, 'number' | 'events' | 'configDigest'>,
): Promise<ResetPoint> {
  for (const number of (await listCheckpoints(directory)).reverse()) {
    const name = nameOf(number);
    const manifest: CheckpointManifest | null = await readManifest(join(directory, name)).catch(() => null);
    if (manifest === null || manifest.events > version.events || manifest.configDigest !== version.configDigest)
      continue;
    await setAside(directory, name);
    return { checkpoint: name, digest: manifest.digest };
  }
  throw controlRefused(
    `no checkpoint is kept that version ${version.number} may come from`,
    `one with at most ${version.events} events; checkpoint.keep says how many are kept`,
  );
}

/**
 * Puts the learner where a checkpoint set aside stands: weights, optimizer, guard copy and linear part. Positions,
 * histories, statistics and metrics stay: they are of the log, not of what was learned from it.
 *
 * @throws DadinError DADIN_CHECKPOINT_UNREADABLE where it is not there, or is another one
 */
export async function resetLearner(
  directory: string,
  { checkpoint: name, digest }: ResetPoint,
  fold: Pick<Fold, 'resetLearner'>,
  learner: Pick<Learner, 'restore'>,
): Promise<void> {
  const path = join(directory, FOLDER, name);
  const { manifest, fold: state, learner: weights } = await readCheckpoint(path);
  if (manifest.digest !== digest) {
    throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${path} is not the checkpoint that the journal names`, {
      step: 'restore',
      got: manifest.digest,
      expected: digest,
    });
  }
  // without what was published then: the next version is a full one
  const { publishing: _, ...own } = weights;
  await learner.restore(own);
  fold.resetLearner(state as unknown as FoldSnapshot);
}

async function setAside(directory: string, name: string): Promise<void> {
  const aside = join(directory, FOLDER);
  await mkdir(aside, { recursive: true });
  if ((await readdir(aside)).includes(name)) await rm(join(aside, name), { recursive: true });
  const writing = join(aside, `.writing-${name}`);
  await rm(writing, { recursive: true, force: true });
  await cp(join(directory, name), writing, { recursive: true });
  await syncFolder(writing);
  await rename(writing, join(aside, name));
  await syncFolder(aside);
}
