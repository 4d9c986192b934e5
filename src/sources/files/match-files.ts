import { stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { DadinError } from '../../core/index.js';
import { nearest } from './header.js';

/**
 * The files of one log: what each path or glob matches, in name order, globs in the order they are written, none twice.
 *
 * @throws DadinError DADIN_SOURCE_NOT_FOUND with the nearest names
 */
export async function matchFiles(paths: readonly string[], baseDirectory: string): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    // A name that exists is taken literally, whatever characters are in it.
    if (await isFile(resolve(baseDirectory, path))) {
      files.add(resolve(baseDirectory, path));
      continue;
    }
    const matched = await glob(path, { cwd: baseDirectory, absolute: true, expandDirectories: false });
    if (matched.length === 0) throw await notFound(path, baseDirectory);
    for (const file of matched.sort()) files.add(file);
  }
  return [...files];
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function notFound(path: string, baseDirectory: string): Promise<DadinError> {
  const directory = dirname(resolve(baseDirectory, path));
  const present = await glob('*', { cwd: directory, absolute: true }).catch(() => []);
  const names = present.map((file) => basename(file)).sort();
  const near = nearest(basename(path), names);
  const shown = relative(baseDirectory, directory) || '.';
  return new DadinError('DADIN_SOURCE_NOT_FOUND', `no file matches ${path}`, {
    step: 'read',
    partition: path,
    got: names.length === 0 ? `no files in ${shown}` : `in ${shown}: ${names.slice(0, 8).join(', ')}`,
    expected: 'at least one file',
    remedy:
      near === null
        ? 'paths are relative to the configuration file: correct the path'
        : `did you mean "${near}"? Paths are relative to the configuration file`,
  });
}
