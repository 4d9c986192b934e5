import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError, syncFolder, writeSynced } from '../core/index.js';
import { type EncodedVersion, unreadable } from './manifest.js';
import { readVersionFolder, SUMS, writeVersionFolder, writingVersions } from './version-folder.js';
import type { KeptVersion, VersionSink } from './version-sink.js';
import { type Pin, type PublishedVersion, parsePin, type VersionNews, type VersionSource } from './version-source.js';

const NAME = /^version-(\d{8})$/;
const PIN = 'PIN';

/**
 * Model versions in a directory, one folder each:
 *
 * ```
 * DIR/version-00000007/model.safetensors  manifest.json  SHA256SUMS
 * DIR/PIN                                  the version that subscribers are held at, if any
 * ```
 */
export class VersionDirectory implements VersionSink, VersionSource {
  readonly name: string;
  readonly #path: string;
  /** Folders told of by `poll`, by name, with the digest that they had. */
  #told = new Map<string, string>();
  #toldPin: string | null = null;

  constructor(path: string) {
    this.name = path;
    this.#path = path;
  }

  async kept(): Promise<readonly KeptVersion[]> {
    const versions: KeptVersion[] = [];
    for (const folder of await this.#folders()) {
      const version = await this.#read(folder).catch((error: unknown) => {
        if (error instanceof DadinError) return null; // damaged: no version, and written again where it is needed
        throw error;
      });
      if (version !== null) versions.push(version);
    }
    return versions;
  }

  async write(version: EncodedVersion): Promise<void> {
    await writeVersionFolder(this.#path, nameOf(version.number), version);
  }

  async retire(versions: readonly KeptVersion[]): Promise<void> {
    await writingVersions(this.#path, async () => {
      for (const { number } of versions) await rm(join(this.#path, nameOf(number)), { recursive: true, force: true });
    });
  }

  async pinned(): Promise<Pin | null> {
    const text = await this.#pinText();
    return text === null ? null : parsePin(text, this.#path);
  }

  async pin(pin: Pin | null): Promise<void> {
    const path = join(this.#path, PIN);
    await writingVersions(path, async () => {
      if (pin === null) {
        await rm(path, { force: true });
      } else {
        await rm(`${path}.writing`, { force: true });
        await writeSynced(`${path}.writing`, `${JSON.stringify(pin)}\n`);
        await rename(`${path}.writing`, path);
      }
      await syncFolder(this.#path);
    });
  }

  async poll(): Promise<readonly VersionNews[]> {
    const news: VersionNews[] = [];
    for (const folder of await this.#folders()) {
      const sums = await readFile(join(this.#path, folder, SUMS), 'utf8').catch(() => ''); // retired meanwhile, or damaged
      if (this.#told.get(folder) === sums) continue;
      this.#told.set(folder, sums);
      try {
        news.push({ version: await this.#read(folder) });
      } catch (error) {
        if (!(error instanceof DadinError)) throw error;
        news.push({ refused: error });
      }
    }
    const pin = await this.#pinText();
    if (pin !== this.#toldPin) {
      this.#toldPin = pin;
      try {
        news.push({ pin: pin === null ? null : parsePin(pin, this.#path) });
      } catch (error) {
        if (!(error instanceof DadinError)) throw error;
        news.push({ refused: error });
      }
    }
    return news;
  }

  rewind(): void {
    this.#told = new Map();
  }

  async close(): Promise<void> {}

  /** Names of the folders, oldest first; none where the directory does not exist yet. */
  async #folders(): Promise<string[]> {
    const names = await readdir(this.#path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw unreadable(`${this.#path} cannot be read`, { cause });
    });
    return names.filter((name) => NAME.test(name)).sort();
  }

  async #read(folder: string): Promise<PublishedVersion> {
    const path = join(this.#path, folder);
    const version = await readVersionFolder(path);
    if (nameOf(version.number) !== folder) throw unreadable(`${path} holds version ${version.number}`);
    return version;
  }

  async #pinText(): Promise<string | null> {
    return await readFile(join(this.#path, PIN), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null;
      throw unreadable(`${join(this.#path, PIN)} cannot be read`, { cause });
    });
  }
}

function nameOf(number: number): string {
  return `version-${String(number).padStart(8, '0')}`;
}
