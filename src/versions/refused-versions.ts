import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError } from '../core/index.js';
import type { EncodedVersion } from './manifest.js';
import { unreadable } from './manifest.js';
import { readVersionFolder, writeVersionFolder, writingVersions } from './version-folder.js';
import type { PublishedVersion } from './version-source.js';

const NAME = /^refused-\d{10}$/;

/** A version that the gate refused, and the folder that it is kept in. */
export interface RefusedVersion extends PublishedVersion {
  readonly path: string;
}

/**
 * Versions that the gate refused, for whoever wants to know why: DIR/refused-0000001000, the number being the training step,
 * laid out as published versions are. Each stands alone, and `refused` in its manifest says what the gate had against it.
 */
export class RefusedVersions {
  readonly #path: string;
  readonly #keep: number;

  /** `keep`: the newest so many stay. */
  constructor(path: string, keep: number) {
    this.#path = path;
    this.#keep = keep;
  }

  /** Returns the folder. @throws DadinError DADIN_VERSION_WRITE */
  async add(version: EncodedVersion): Promise<string> {
    const name = `refused-${String(version.manifest.step).padStart(10, '0')}`;
    await writeVersionFolder(this.#path, name, version);
    await writingVersions(this.#path, async () => {
      for (const old of (await namesIn(this.#path)).slice(0, -this.#keep)) {
        await rm(join(this.#path, old), { recursive: true, force: true });
      }
    });
    return join(this.#path, name);
  }
}

/** The refused versions in a directory, oldest first; damaged ones are left out. */
export async function readRefused(path: string): Promise<RefusedVersion[]> {
  const versions: RefusedVersion[] = [];
  for (const name of await namesIn(path)) {
    const folder = join(path, name);
    const version = await readVersionFolder(folder).catch((error: unknown) => {
      if (error instanceof DadinError) return null;
      throw error;
    });
    if (version !== null) versions.push({ ...version, path: folder });
  }
  return versions;
}

async function namesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw unreadable(`${path} cannot be read`, { cause });
  });
  return names.filter((name) => NAME.test(name)).sort();
}
