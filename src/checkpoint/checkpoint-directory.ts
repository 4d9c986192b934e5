import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError, type LearnerState, type StateValue, syncFolder, writeSynced } from '../core/index.js';
import { DirectoryLock } from './directory-lock.js';
import { CHECKPOINT_FORMAT, type CheckpointManifest, sha256 } from './manifest.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { decodeState, encodeState } from './state-codec.js';

/** What a checkpoint holds: the fold's state and the learner's. */
export interface CheckpointContent {
  readonly fold: StateValue;
  readonly learner: LearnerState;
}

export interface Checkpoint extends CheckpointContent {
  readonly manifest: CheckpointManifest;
  readonly path: string;
}

/** What the writer knows; the directory adds number, parent, format and files. */
export type CheckpointFacts = Omit<CheckpointManifest, 'format' | 'product' | 'number' | 'parent' | 'files'>;

const NAME = /^checkpoint-(\d{8})$/;

/**
 * Checkpoints in a directory, one folder each:
 *
 * ```
 * DIR/LOCK
 * DIR/checkpoint-00000007/model.safetensors  optimizer.safetensors  state.bin  manifest.json
 * ```
 * A checkpoint is written to a temporary folder, synced file by file, the manifest last, and renamed: a crash at any time
 * leaves the previous ones untouched and at most a temporary folder, which the next owner removes.
 */
export class CheckpointDirectory {
  readonly #path: string;
  readonly #keep: number;
  readonly #lock: DirectoryLock;
  #newest: number | null;

  private constructor(path: string, keep: number, lock: DirectoryLock, newest: number | null) {
    this.#path = path;
    this.#keep = keep;
    this.#lock = lock;
    this.#newest = newest;
  }

  /**
   * Takes the directory for this process. `DADIN_CHECKPOINT_LOCKED` when another one has it, unless it is to be taken over:
   * the other one can then write nothing more (`DADIN_FENCED`).
   */
  static async own(path: string, keep: number, held: 'refuse' | 'takeOver' = 'refuse'): Promise<CheckpointDirectory> {
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      throw new DadinError('DADIN_CHECKPOINT_WRITE', `cannot create ${path}`, { step: 'checkpoint', cause });
    }
    const lock = held === 'takeOver' ? await DirectoryLock.takeOver(path) : await DirectoryLock.acquire(path);
    for (const name of await readdir(path)) {
      if (name.startsWith('.writing-')) await rm(join(path, name), { recursive: true, force: true });
    }
    return new CheckpointDirectory(path, keep, lock, (await listCheckpoints(path)).at(-1) ?? null);
  }

  get path(): string {
    return this.#path;
  }

  async write(content: CheckpointContent, facts: CheckpointFacts): Promise<CheckpointManifest> {
    const number = (this.#newest ?? 0) + 1;
    const folder = join(this.#path, nameOf(number));
    const writing = join(this.#path, `.writing-${nameOf(number)}`);
    const files = {
      'model.safetensors': encodeSafetensors(content.learner.model),
      'optimizer.safetensors': encodeSafetensors(content.learner.optimizer),
      'state.bin': encodeState({
        fold: content.fold,
        learner: content.learner.rest,
        publishing: content.learner.publishing ?? null,
      }),
    };
    const manifest: CheckpointManifest = {
      format: CHECKPOINT_FORMAT,
      product: 'dadin-stream',
      number,
      parent: this.#newest,
      ...facts,
      files: Object.fromEntries(
        Object.entries(files).map(([name, b]) => [name, { bytes: b.length, sha256: sha256(b) }]),
      ),
    };
    try {
      await rm(writing, { recursive: true, force: true });
      await mkdir(writing);
      for (const [name, bytes] of Object.entries(files)) await writeSynced(join(writing, name), bytes);
      await writeSynced(join(writing, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
      await syncFolder(writing);
      await this.#assertHeld();
      await rename(writing, folder);
      await syncFolder(this.#path);
    } catch (cause) {
      await rm(writing, { recursive: true, force: true });
      await this.#assertHeld(); // a successor clears away what its predecessor had begun
      const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new DadinError('DADIN_CHECKPOINT_WRITE', full ? 'the disk is full' : `cannot write ${folder}`, {
        step: 'checkpoint',
        remedy: 'free space or choose another directory, then resume: the previous checkpoint is untouched',
        retryable: true,
        cause,
      });
    }
    this.#newest = number;
    await this.#prune();
    return manifest;
  }

  /** Newest checkpoint whose digests hold; null when there is none. `skipped` names damaged ones, newest first. */
  async newest(): Promise<{ checkpoint: Checkpoint | null; skipped: { path: string; error: DadinError }[] }> {
    const skipped: { path: string; error: DadinError }[] = [];
    for (const number of (await listCheckpoints(this.#path)).reverse()) {
      const path = join(this.#path, nameOf(number));
      try {
        return { checkpoint: await readCheckpoint(path), skipped };
      } catch (error) {
        if (!(error instanceof DadinError) || error.code !== 'DADIN_CHECKPOINT_UNREADABLE') throw error;
        skipped.push({ path, error });
      }
    }
    return { checkpoint: null, skipped };
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }

  async #assertHeld(): Promise<void> {
    if (await this.#lock.isHeld()) return;
    throw new DadinError('DADIN_FENCED', `another learner has taken ${this.#path} over`, {
      step: 'checkpoint',
      remedy: 'start it again: it will stand by, and go on from the newest checkpoint when its turn comes',
    });
  }

  async #prune(): Promise<void> {
    for (const number of (await listCheckpoints(this.#path)).slice(0, -this.#keep)) {
      await rm(join(this.#path, nameOf(number)), { recursive: true, force: true });
    }
  }
}

/** Reads and verifies one checkpoint folder. `DADIN_CHECKPOINT_UNREADABLE` names what does not hold. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const manifest = await readManifest(path);
  const read = async (name: string): Promise<Buffer> => {
    const expected = manifest.files[name];
    const bytes = await readFile(join(path, name)).catch((cause) => {
      throw unreadable(path, `${name} cannot be read`, {}, cause);
    });
    if (expected === undefined || sha256(bytes) !== expected.sha256) {
      throw unreadable(path, `${name} is damaged`, {
        got: sha256(bytes),
        expected: expected?.sha256 ?? 'listed in the manifest',
      });
    }
    return bytes;
  };
  const state = decodeState(await read('state.bin')) as {
    fold: StateValue;
    learner: StateValue;
    publishing?: StateValue;
  };
  const { publishing = null } = state;
  return {
    manifest,
    path,
    fold: state.fold,
    learner: {
      model: decodeSafetensors(await read('model.safetensors')),
      optimizer: decodeSafetensors(await read('optimizer.safetensors')),
      rest: state.learner,
      ...(publishing === null ? {} : { publishing }),
    },
  };
}

export async function readManifest(path: string): Promise<CheckpointManifest> {
  let manifest: Partial<CheckpointManifest> | null;
  try {
    manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'));
  } catch (cause) {
    throw unreadable(path, 'no readable manifest.json', {}, cause);
  }
  if (
    manifest?.product !== 'dadin-stream' ||
    manifest.format !== CHECKPOINT_FORMAT ||
    typeof manifest.files !== 'object' ||
    manifest.files === null
  ) {
    throw unreadable(path, 'the manifest is of another format', {
      got: `${manifest?.product} format ${manifest?.format}`,
      expected: `dadin-stream format ${CHECKPOINT_FORMAT}`,
    });
  }
  return manifest as CheckpointManifest;
}

/** Numbers of the complete checkpoints in a directory, oldest first. */
export async function listCheckpoints(path: string): Promise<number[]> {
  const names = await readdir(path).catch((cause) => {
    throw unreadable(path, 'no such directory', {}, cause);
  });
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export function nameOf(number: number): string {
  return `checkpoint-${String(number).padStart(8, '0')}`;
}

function unreadable(
  path: string,
  message: string,
  more: { got?: string; expected?: string },
  cause?: unknown,
): DadinError {
  return new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${path}: ${message}`, { step: 'restore', ...more, cause });
}
