import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ControlDecision, DadinError, type Decision, parseControl, syncFolder } from '../core/index.js';

/** Lines that later ones have overtaken before the file is written anew. */
const MAX_OVERTAKEN = 10_000;

/**
 * The decisions that came from outside, one JSON object a line, in the directory of the checkpoints. A decision is on the
 * disk before it takes effect.
 *
 * Whoever opens the journal writes it anew and renames it into place: one who owned it before and does not know that he
 * was deposed goes on appending to a file that nobody reads any more.
 */
export class Journal {
  readonly #path: string;
  readonly #decisions: Map<string, Decision>;
  #file: FileHandle | null = null;
  #overtaken = 0;

  private constructor(path: string, decisions: Map<string, Decision>) {
    this.#path = path;
    this.#decisions = decisions;
  }

  /** @throws DadinError DADIN_CHECKPOINT_UNREADABLE, DADIN_CHECKPOINT_WRITE */
  static async open(directory: string): Promise<Journal> {
    const path = journalPath(directory);
    const journal = new Journal(path, new Map());
    for (const decision of await readJournal(path)) journal.#put(decision);
    await journal.#rewrite();
    return journal;
  }

  /** In the order they were taken; of several at one place the last, which holds all of them. */
  decisions(): readonly Decision[] {
    return [...this.#decisions.values()];
  }

  /** Resolves when the decision is on the disk. */
  async append(decision: Decision): Promise<void> {
    try {
      await this.#file!.appendFile(encode(decision));
      await this.#file!.datasync();
    } catch (cause) {
      throw notWritten(this.#path, cause);
    }
    this.#put(decision);
    if (this.#overtaken > MAX_OVERTAKEN) await this.#rewrite();
  }

  /** Forgets what lies before these positions, but for the last of it: no checkpoint that is kept asks for more. */
  async prune(positions: Readonly<Record<string, string>>): Promise<void> {
    const newest = new Map<string, string>();
    for (const [place, decision] of this.#decisions) {
      if (decision.kind === 'control') continue; // few, and a command sent again must be known
      const { partition, position } = decision;
      if (position > BigInt(positions[partition] ?? 0)) continue;
      const before = newest.get(partition);
      if (before !== undefined) {
        this.#decisions.delete(before);
        this.#overtaken++;
      }
      newest.set(partition, place);
    }
    if (this.#overtaken > MAX_OVERTAKEN) await this.#rewrite();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  #put(decision: Decision): void {
    const place =
      decision.kind === 'control'
        ? `control ${decision.request.id}`
        : `watermark ${decision.partition} ${decision.position}`;
    if (this.#decisions.delete(place)) this.#overtaken++;
    this.#decisions.set(place, decision);
  }

  async #rewrite(): Promise<void> {
    const writing = `${this.#path}.writing`;
    try {
      await this.close();
      await rm(writing, { force: true });
      const file = await open(writing, 'ax');
      await file.appendFile(this.decisions().map(encode).join(''));
      await file.sync();
      await rename(writing, this.#path);
      await syncFolder(dirname(this.#path));
      this.#file = file;
      this.#overtaken = 0;
    } catch (cause) {
      throw notWritten(this.#path, cause);
    }
  }
}

export function journalPath(directory: string): string {
  return join(directory, 'journal.jsonl');
}

/** The decisions in a journal, none where there is no such file. A last line cut off by a crash never took effect. */
export async function readJournal(path: string): Promise<Decision[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(path, 0, cause);
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return decode(line);
    } catch (cause) {
      throw unreadable(path, i + 1, cause);
    }
  });
}

function encode(decision: Decision): string {
  const line =
    decision.kind === 'control'
      ? { kind: 'control', events: decision.events, request: decision.request, reset: decision.reset }
      : {
          kind: 'watermark',
          partition: decision.partition,
          position: String(decision.position),
          timeMs: decision.timeMs,
        };
  return `${JSON.stringify(line)}\n`;
}

function decode(line: string): Decision {
  const { kind, ...rest } = JSON.parse(line) as Record<string, unknown>;
  if (kind === 'control') return decodeControl(rest);
  if (kind !== 'watermark') throw new TypeError(`a decision of an unknown kind: ${String(kind)}`);
  const { partition, position, timeMs } = rest;
  if (typeof partition !== 'string' || typeof position !== 'string' || typeof timeMs !== 'number')
    throw new TypeError('a decision without its place');
  return { kind, partition, position: BigInt(position), timeMs };
}

function decodeControl({ events, request, reset }: Record<string, unknown>): ControlDecision {
  if (typeof events !== 'number') throw new TypeError('a decision without its place');
  const { checkpoint, digest } = (reset ?? {}) as Record<string, unknown>;
  const isWhole = typeof checkpoint === 'string' && typeof digest === 'string';
  if (reset !== null && !isWhole) throw new TypeError('a rollback that does not say where to');
  return {
    kind: 'control',
    events,
    request: parseControl(request, ''),
    reset: isWhole ? { checkpoint, digest } : null,
  };
}

function unreadable(path: string, line: number, cause: unknown): DadinError {
  const where = line === 0 ? '' : ` at line ${line}`;
  return new DadinError('DADIN_CHECKPOINT_UNREADABLE', `the journal ${path} cannot be read${where}`, {
    step: 'restore',
    remedy: 'put the file back from a copy; without it the run cannot be repeated to the bit',
    cause,
  });
}

function notWritten(path: string, cause: unknown): DadinError {
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return new DadinError('DADIN_CHECKPOINT_WRITE', full ? 'the disk is full' : `cannot write ${path}`, {
    step: 'checkpoint',
    remedy: 'free space or choose another directory, then start again: nothing that was decided is lost',
    retryable: true,
    cause,
  });
}
