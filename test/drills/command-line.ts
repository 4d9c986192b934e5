import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { ReplaySummary } from '../../pipelines/replay.js';

/** The built command line; DADIN_STREAM_BIN drills another build, an installed package for instance. */
const COMMAND = process.env['DADIN_STREAM_BIN'] ?? fileURLToPath(new URL('../../bin/dadin-stream.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly finished: Promise<Finished>;
  /** Resolves with what stderr has shown once the text is in it; rejects when the process ends without. */
  shows(text: string): Promise<string>;
}

/** Starts `dadin-stream ...args`; `before` stands in front of node, as `prlimit` does. */
export function start(args: readonly string[], before: readonly string[] = []): Running {
  const [file, ...rest] = [...before, process.execPath, COMMAND, ...args];
  const child = spawn(file!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }));
  return {
    child,
    finished,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stderr.includes(text)) return;
          child.stderr.off('data', look);
          resolve(stderr);
        };
        child.stderr.on('data', look);
        look();
        finished.then(({ status }) => reject(new Error(`ended with ${status} before it said "${text}":\n${stderr}`)));
      }),
  };
}

export function run(args: readonly string[], before: readonly string[] = []): Promise<Finished> {
  return start(args, before).finished;
}

/** Runs to the end, which must be a good one, and gives the summary. */
export async function runWell(args: readonly string[]): Promise<ReplaySummary> {
  return summaryOf(await run([...args, '--json']));
}

export function summaryOf({ status, signal, stdout, stderr }: Finished): ReplaySummary {
  if (status !== 0) throw new Error(`ended with ${status ?? signal}:\n${stderr}`);
  return JSON.parse(stdout) as ReplaySummary;
}

/** Resolves after so many names have come or gone in a directory. */
export function changes(directory: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const watcher = watch(directory, (event) => {
      if (event !== 'rename' || --left > 0) return;
      watcher.close();
      resolve();
    });
  });
}

/** A directory that is gone after the file's drills. */
export function temporaryDirectory(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `dadin-${name}-`));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
