import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DadinError, type Domain } from '../../core/index.js';
import { matchFiles } from '../../sources/files/match-files.js';
import { wordsOf } from './column-profile.js';
import type { Guess } from './guess.js';
import { SOURCE_WORDS, TARGET_WORDS } from './guess-ids.js';

/** Files of one log, in name order; `domain` null where one log holds both. */
export interface FoundLog {
  readonly files: readonly string[];
  readonly bytes: number;
  readonly domain: Guess<Domain | null>;
}

export interface FoundLogs {
  readonly logs: readonly FoundLog[];
  /** Files that belong to neither. */
  readonly ignored: readonly string[];
}

const LOG_NAME = /\.(csv|tsv|txt|jsonl|ndjson|json|avro|parquet)(\.gz)?$/i;

/**
 * The logs that a path means: a file, a folder or a glob. Which is the target domain is told by names, else the larger
 * log is the source.
 *
 * @throws DadinError DADIN_SOURCE_NOT_FOUND, DADIN_USAGE where more than two groups of files cannot be told apart
 */
export async function findLogs(from: string): Promise<FoundLogs> {
  const files = await filesOf(from);
  if (files.length === 1) {
    const log = await logOf(files, { value: null, why: 'one file: one of its columns tells the domain' });
    return { logs: [log], ignored: [] };
  }
  const target = files.filter((file) => hasWord(file, TARGET_WORDS) && !hasWord(file, SOURCE_WORDS));
  const source = files.filter((file) => hasWord(file, SOURCE_WORDS) && !hasWord(file, TARGET_WORDS));
  if (target.length > 0 && source.length > 0) {
    const logs = [
      await logOf(target, { value: 'target', why: `named ${basename(target[0]!)}` }),
      await logOf(source, { value: 'source', why: `named ${basename(source[0]!)}` }),
    ];
    return { logs, ignored: files.filter((file) => !target.includes(file) && !source.includes(file)) };
  }
  return { logs: await bySize(from, files), ignored: [] };
}

/** Two groups of files by the words of their names: the larger is the source. */
async function bySize(from: string, files: readonly string[]): Promise<FoundLog[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const stem = wordsOf(basename(file))
      .filter((word) => !/^\d+$/.test(word))
      .join(' ');
    groups.set(stem, [...(groups.get(stem) ?? []), file]);
  }
  if (groups.size === 1)
    return [await logOf(files, { value: null, why: 'one log: one of its columns tells the domain' })];
  if (groups.size > 2) {
    throw new DadinError('DADIN_USAGE', `cannot tell which files of ${from} are which domain`, {
      step: 'init',
      got: files
        .slice(0, 8)
        .map((file) => basename(file))
        .join(', '),
      expected: 'two logs, one of ads (target) and one of news (source)',
      remedy: 'put "target" and "source" into their names, or give a folder or glob with those two alone',
    });
  }
  const [a, b] = await Promise.all([...groups.values()].map((group) => logOf(group, { value: null, why: '' })));
  const [smaller, larger] = a!.bytes <= b!.bytes ? [a!, b!] : [b!, a!];
  const why =
    'the names do not tell the domain, so the larger log is taken for the source: swap the two if that is wrong';
  return [
    { ...smaller, domain: { value: 'target', why } },
    { ...larger, domain: { value: 'source', why } },
  ];
}

async function filesOf(from: string): Promise<string[]> {
  const isFolder = await stat(from).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    return await matchFiles([from], process.cwd()).catch((error: unknown) => {
      if (!(error instanceof DadinError) || error.code !== 'DADIN_SOURCE_NOT_FOUND') throw error;
      // its remedy speaks of the configuration that is yet to be written
      const remedy = 'give a file, a folder, or a glob in quotes';
      throw new DadinError(error.code, error.message, { ...error.details, step: 'init', remedy });
    });
  }
  const files = (await readdir(from)).filter((name) => LOG_NAME.test(name)).sort();
  if (files.length > 0) return files.map((name) => resolve(join(from, name)));
  throw new DadinError('DADIN_SOURCE_NOT_FOUND', `${from} holds no log`, {
    step: 'init',
    expected: 'files that end in .csv, .tsv, .jsonl, .avro or .parquet, plain or with .gz',
  });
}

async function logOf(files: readonly string[], domain: FoundLog['domain']): Promise<FoundLog> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0), domain };
}

function hasWord(file: string, words: readonly string[]): boolean {
  return wordsOf(basename(file)).some((word) => words.includes(word));
}
