import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointDirectory, listCheckpoints, nameOf, readCheckpoint } from '../src/checkpoint/index.js';
import { DadinError } from '../src/core/index.js';
import type { RunState, SinkLengths } from './run-state.js';

export interface Restored {
  /** Folder of the checkpoint. */
  readonly path: string;
  /** Lengths of the output files there. */
  readonly lengths: SinkLengths;
}

/** How often a standby looks for a newer checkpoint. */
const LOOK_EVERY_MS = 500;

/**
 * Goes on from the newest valid checkpoint; null where there is none at all.
 *
 * @throws DadinError DADIN_CHECKPOINT_UNREADABLE where all are damaged
 */
export async function restoreNewest(
  directory: CheckpointDirectory,
  state: RunState,
  notice: (message: string) => void,
): Promise<Restored | null> {
  const { checkpoint, skipped } = await directory.newest();
  for (const { path, error } of skipped) notice(`passed over ${path}: ${error.message}`);
  if (checkpoint !== null) return { path: checkpoint.path, lengths: await state.restore(checkpoint) };
  if (skipped.length === 0) return null;
  throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${directory.path} holds no readable checkpoint`, {
    step: 'restore',
    got: `${skipped.length} damaged ones`,
    remedy: 'put one back from a copy, or start without --resume or elsewhere to learn anew',
  });
}

/**
 * Loads every new checkpoint that the owner writes, until `over` says that the waiting is over; returns the one loaded
 * last. A checkpoint that its owner takes away meanwhile is no loss: a newer one is there.
 */
export async function followCheckpoints(
  path: string,
  state: RunState,
  over: () => boolean,
  moved: Promise<void>,
): Promise<Restored | null> {
  let loaded = null as Restored | null;
  while (!over()) {
    try {
      const newest = (await listCheckpoints(path)).at(-1);
      const folder = newest === undefined ? null : join(path, nameOf(newest));
      if (folder !== null && folder !== loaded?.path) {
        loaded = { path: folder, lengths: await state.restore(await readCheckpoint(folder)) };
      }
    } catch (error) {
      if (!(error instanceof DadinError) || error.code !== 'DADIN_CHECKPOINT_UNREADABLE') throw error;
    }
    await Promise.race([moved, sleep(LOOK_EVERY_MS)]);
  }
  return loaded;
}
