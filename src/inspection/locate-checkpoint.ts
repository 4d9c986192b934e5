import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { listCheckpoints, nameOf } from '../checkpoint/index.js';
import { DadinError } from '../core/index.js';

/** Whether `path` is the folder of one checkpoint rather than a directory of them. */
export async function isCheckpoint(path: string): Promise<boolean> {
  return await access(join(path, 'manifest.json')).then(
    () => true,
    () => false,
  );
}

/**
 * The folder of one checkpoint: `path` itself, or the newest in the directory `path`.
 *
 * @throws DadinError DADIN_CHECKPOINT_UNREADABLE where there is neither
 */
export async function locateCheckpoint(path: string): Promise<string> {
  if (await isCheckpoint(path)) return path;
  const newest = (await listCheckpoints(path)).at(-1);
  if (newest !== undefined) return join(path, nameOf(newest));
  throw noCheckpoint(path);
}

export function noCheckpoint(path: string): DadinError {
  return new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${path} holds no checkpoint`, {
    step: 'inspect',
    expected: 'a folder checkpoint-00000001 with its manifest.json, or a directory of such folders',
    remedy: 'give the directory that was named by --checkpoints or checkpoint.directory',
  });
}
