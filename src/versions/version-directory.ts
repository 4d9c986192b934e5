import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError, syncFolder, writeSynced } from '../core/index.js';
import { decodeManifest, type EncodedVersion, sha256, unreadable, type VersionManifest } from './manifest.js';
import type { KeptVersion, VersionSink } from './version-sink.js';
import { type Pin, type PublishedVersion, parsePin, type VersionNews, type VersionSource } from './version-source.js';

const NAME = /^version-(\d{8})$/;
const MANIFEST = 'manifest.json';
const MODEL = 'model.safetensors';
const SUMS = 'SHA256SUMS';
const PIN = 'PIN';

/**
 * Model versions in a directory, one folder each:
 *
 * ```
 * DIR/version-00000007/model.safetensors  manifest.json  SHA256SUMS
 * DIR/PIN                                  the version that subscribers are held at, if any
 * ```
 * A folder gets its name by rename once all is synced, so that a reader sees it whole or not at all; `sha256sum -c
 * SHA256SUMS` checks it.
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

  async write({ number, digest, manifest, manifestBytes, model }: EncodedVersion): Promise<void> {
    const folder = join(this.#path, nameOf(number));
    const writing = join(this.#path, `.writing-${nameOf(number)}`);
    await this.#writing(async () => {
      await mkdir(this.#path, { recursive: true });
      await rm(writing, { recursive: true, force: true });
      await mkdir(writing);
      await writeSynced(join(writing, MODEL), model);
      await writeSynced(join(writing, MANIFEST), manifestBytes);
      await writeSynced(join(writing, SUMS), `${manifest.model.sha256}  ${MODEL}\n${digest}  ${MANIFEST}\n`);
      await syncFolder(writing);
      await rm(folder, { recursive: true, force: true });
      await rename(writing, folder);
      await syncFolder(this.#path);
    }, folder);
  }

  async retire(versions: readonly KeptVersion[]): Promise<void> {
    await this.#writing(async () => {
      for (const { number } of versions) await rm(join(this.#path, nameOf(number)), { recursive: true, force: true });
    }, this.#path);
  }

  async pinned(): Promise<Pin | null> {
    const text = await this.#pinText();
    return text === null ? null : parsePin(text, this.#path);
  }

  async pin(pin: Pin | null): Promise<void> {
    const path = join(this.#path, PIN);
    await this.#writing(async () => {
      if (pin === null) {
        await rm(path, { force: true });
      } else {
        await rm(`${path}.writing`, { force: true });
        await writeSynced(`${path}.writing`, `${JSON.stringify(pin)}\n`);
        await rename(`${path}.writing`, path);
      }
      await syncFolder(this.#path);
    }, path);
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
    const read = (name: string) =>
      readFile(join(path, name)).catch((cause) => {
        throw unreadable(`${join(path, name)} cannot be read`, { cause });
      });
    const digest = /^([0-9a-f]{64}) {2}manifest\.json$/m.exec((await read(SUMS)).toString('utf8'))?.[1];
    if (digest === undefined) throw unreadable(`${path}: ${SUMS} names no manifest`);
    const manifest: VersionManifest = decodeManifest(await read(MANIFEST), digest, path);
    if (nameOf(manifest.number) !== folder) throw unreadable(`${path} holds version ${manifest.number}`);
    return {
      number: manifest.number,
      digest,
      manifest,
      async load() {
        const model = await read(MODEL);
        const got = sha256(model);
        if (got !== manifest.model.sha256) {
          throw unreadable(`${path}: ${MODEL} is damaged`, { got, expected: manifest.model.sha256 });
        }
        return model;
      },
    };
  }

  async #pinText(): Promise<string | null> {
    return await readFile(join(this.#path, PIN), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null;
      throw unreadable(`${join(this.#path, PIN)} cannot be read`, { cause });
    });
  }

  async #writing(work: () => Promise<void>, what: string): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new DadinError('DADIN_VERSION_WRITE', full ? 'the disk is full' : `cannot write ${what}`, {
        step: 'publish',
        remedy: 'free space or name another directory, then resume: what was published before is untouched',
        retryable: true,
        cause,
      });
    }
  }
}

function nameOf(number: number): string {
  return `version-${String(number).padStart(8, '0')}`;
}
