import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DadinError } from '../core/index.js';

/**
 * One process learns in a directory. The lock names its owner by process id and start time (Linux: /proc), so that a
 * lock left by kill -9 is recognised and taken over, and a recycled process id is not mistaken for the owner.
 */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the lock whoever holds it: for one whom others have agreed to be the owner (a consumer group). Who held it finds
   * out before he writes.
   */
  static async takeOver(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'LOCK');
    const writing = `${path}.${hostname()}-${process.pid}`;
    try {
      await writeFile(writing, JSON.stringify(await thisProcess()));
      await rename(writing, path);
    } catch (cause) {
      throw new DadinError('DADIN_CHECKPOINT_WRITE', `cannot lock ${directory}`, { step: 'checkpoint', cause });
    }
    return new DirectoryLock(path);
  }

  static async acquire(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'LOCK');
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const file = await open(path, 'wx');
        await file.writeFile(JSON.stringify(await thisProcess()));
        await file.close();
        return new DirectoryLock(path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw new DadinError('DADIN_CHECKPOINT_WRITE', `cannot lock ${directory}`, { step: 'checkpoint', cause });
        }
      }
      const owner = await readOwner(path);
      if (owner !== null && (await startedAt(owner.pid)) === owner.started && owner.started !== null) {
        throw new DadinError('DADIN_CHECKPOINT_LOCKED', `another process learns in ${directory}`, {
          step: 'checkpoint',
          got: `process ${owner.pid} holds ${path}`,
          remedy: 'stop that process, or use another --checkpoints directory',
          retryable: true,
        });
      }
      await rm(path, { force: true }); // its owner is gone
    }
    throw new DadinError('DADIN_CHECKPOINT_LOCKED', `the lock of ${directory} is contended`, {
      step: 'checkpoint',
      retryable: true,
    });
  }

  /** Whether this process still holds it. */
  async isHeld(): Promise<boolean> {
    const [owner, own] = [await readOwner(this.#path), await thisProcess()];
    return owner !== null && owner.host === own.host && owner.pid === own.pid && owner.started === own.started;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await rm(this.#path, { force: true });
  }
}

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly started: string | null;
}

async function readOwner(path: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>;
    return typeof owner.pid === 'number'
      ? { host: owner.host ?? hostname(), pid: owner.pid, started: owner.started ?? null }
      : null;
  } catch {
    return null; // gone, or torn by a crash: no owner that could be named
  }
}

async function thisProcess(): Promise<Owner> {
  return { host: hostname(), pid: process.pid, started: await startedAt(process.pid) };
}

/**
 * Start time of a live process in clock ticks since boot (field 22 of /proc/PID/stat); null when there is none. One that was
 * killed but whose parent has not asked for its exit code (state Z) is dead: in a container it may stay so for ever.
 */
async function startedAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : (others[18] ?? null);
  } catch {
    return null;
  }
}
