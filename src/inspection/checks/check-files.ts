import { relative } from 'node:path';
import type { Config } from '../../config/index.js';
import { DadinError } from '../../core/index.js';
import { createFileSource } from '../../sources/files/index.js';
import { matchFiles } from '../../sources/files/match-files.js';
import { type Check, fail, pass } from './check.js';

type FileEntry = Config['input']['files'][number];

/** Errors that mean the files are there and their columns are not those configured. */
const COLUMN_ERRORS: readonly string[] = ['DADIN_SOURCE_HEADER', 'DADIN_SOURCE_NO_TIME'];

/** Whether every entry of `input.files` has its files, and they have the columns that it names. */
export async function checkFiles(config: Config, baseDirectory: string): Promise<Check[]> {
  if (config.input.kind === 'synthetic') return [pass('files', `none: ${config.input.synthetic.preset} is generated`)];
  const found: string[] = [];
  const missing: DadinError[] = [];
  const misnamed: DadinError[] = [];
  for (const entry of config.input.files) {
    try {
      found.push(await describeEntry(entry, baseDirectory));
      const source = await createFileSource([entry], { baseDirectory, sortMemoryBytes: 1 });
      await source.close();
    } catch (error) {
      if (!(error instanceof DadinError)) throw error;
      (COLUMN_ERRORS.includes(error.code) ? misnamed : missing).push(error);
    }
  }
  if (missing.length > 0) return [failed('files', 'not all can be read', missing)];
  const files = pass('files', found.length === 1 ? '1 log' : `${found.length} logs`, found);
  if (misnamed.length > 0) return [files, failed('columns', 'not all are there', misnamed)];
  return [files, pass('columns', 'all are there')];
}

async function describeEntry({ domain, paths }: FileEntry, baseDirectory: string): Promise<string> {
  const files = await matchFiles(paths, baseDirectory);
  const shown = files.slice(0, 3).map((file) => relative(baseDirectory, file));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : '';
  return `${typeof domain === 'string' ? domain : `domain by column ${domain.column}`}: ${shown.join(', ')}${more}`;
}

function failed(name: string, summary: string, errors: readonly DadinError[]): Check {
  const details = errors.flatMap(({ code, message, details: { got } }) => [
    `${code}: ${message}`,
    ...(got === undefined ? [] : [`  there: ${got}`]),
  ]);
  const remedies = new Set(errors.flatMap(({ details: { remedy } }) => remedy ?? []));
  return fail(name, summary, [...remedies].join('; '), details);
}
