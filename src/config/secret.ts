import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DadinError } from '../core/index.js';
import { partKey, text } from './key.js';

/** Where a secret is to be found. The configuration holds this reference, never the secret. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** A key whose value comes from the environment or from a file. */
export function secretKey(description: string) {
  return z
    .union([
      z.strictObject({ env: partKey(text, 'Name of the environment variable.') }),
      z.strictObject({ file: partKey(text, 'Path of the file, relative to the configuration file.') }),
    ])
    .meta({ description, learning: false, secret: true });
}

/** The same, but null by default: there is none. */
export function optionalSecretKey(description: string) {
  return secretKey(description).nullable().default(null).meta({ description, learning: false, secret: true });
}

/**
 * The secret itself; the line end of a file is not part of it.
 *
 * @throws DadinError DADIN_CONFIG_INVALID when the variable is not set or the file cannot be read
 */
export async function readSecret(
  reference: SecretReference,
  {
    env,
    baseDirectory,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly baseDirectory: string },
): Promise<string> {
  if ('env' in reference) {
    const secret = env[reference.env];
    if (secret === undefined || secret === '') throw missing(`the environment variable ${reference.env} is not set`);
    return secret;
  }
  const path = resolve(baseDirectory, reference.file);
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw missing(`cannot read the secret file ${path}`, cause);
  }
}

function missing(message: string, cause?: unknown): DadinError {
  return new DadinError('DADIN_CONFIG_INVALID', message, { step: 'configure', cause });
}
