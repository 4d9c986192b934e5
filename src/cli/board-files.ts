import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DadinError } from '../core/index.js';
import type { Leaderboard } from '../experiments/board.js';
import type { Entry } from '../experiments/entries.js';
import { leaderboardHtml, leaderboardMarkdown } from '../experiments/leaderboard-text.js';

interface BoardFiles {
  /** Of the files. */
  readonly name: string;
  readonly title: string;
  /** That makes the board again. */
  readonly command: string;
  /** Their directory. */
  readonly out: string;
  /** What else the Markdown and the JSON say. */
  readonly appendix?: string;
  readonly further?: object;
}

/** Writes a board as Markdown, HTML and JSON; gives what to print. */
export async function writeBoard(
  { name, title, command, out, appendix = '', further = {} }: BoardFiles,
  board: Leaderboard,
): Promise<string> {
  const markdown = `${leaderboardMarkdown(board, title, command)}${appendix}`;
  const directory = resolve(out);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${name}.md`), markdown);
  await writeFile(join(directory, `${name}.html`), leaderboardHtml(board, title, command));
  await writeFile(join(directory, `${name}.json`), `${JSON.stringify({ command, ...board, ...further }, null, 2)}\n`);
  return `${markdown}\nwritten to ${directory}\n`;
}

/** Those of the comma-separated names. */
export function chosenEntries(entries: readonly Entry[], only: string | undefined): readonly Entry[] {
  if (only === undefined) return entries;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !entries.some((entry) => entry.name === name));
  if (unknown !== undefined) {
    throw new DadinError('DADIN_USAGE', `no entry is called ${unknown}`, {
      step: 'configure',
      got: unknown,
      expected: entries.map(({ name }) => name).join(', '),
    });
  }
  return entries.filter(({ name }) => names.includes(name));
}

/** Parser of an option that may be given again. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
