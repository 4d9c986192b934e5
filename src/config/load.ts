import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DadinError } from '../core/index.js';
import type { Config } from './config.js';
import { nearest } from './nearest.js';
import { type ConfigOverrides, parseConfig } from './parse.js';

/**
 * Reads a configuration file.
 *
 * @throws DadinError DADIN_CONFIG_NOT_FOUND when it cannot be read, DADIN_CONFIG_INVALID as `parseConfig`
 */
export async function loadConfig(path: string, overrides: ConfigOverrides = {}): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw await notReadable(path, cause);
  }
  return parseConfig(text, path, overrides);
}

async function notReadable(path: string, cause: unknown): Promise<DadinError> {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const siblings = await readdir(dirname(path)).catch(() => []);
  const near = nearest(
    basename(path),
    siblings.filter((name) => /\.ya?ml$/.test(name)),
  );
  const meant = near === null ? '' : ` (did you mean "${join(dirname(path), near)}"?)`;
  const message = missing ? `there is no file ${path}${meant}` : `cannot read ${path}: ${(cause as Error).message}`;
  return new DadinError('DADIN_CONFIG_NOT_FOUND', message, {
    step: 'configure',
    remedy: 'give the path of a YAML file; ready ones lie in configurations/',
    cause,
  });
}
