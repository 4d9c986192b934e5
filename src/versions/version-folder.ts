import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError, syncFolder, writeSynced } from '../core/index.js';
import { decodeManifest, type EncodedVersion, sha256, unreadable } from './manifest.js';
import type { PublishedVersion } from './version-source.js';

const MANIFEST = 'manifest.json';
const MODEL = 'model.safetensors';
/** What the other two hash to: `sha256sum -c SHA256SUMS` checks them. */
export const SUMS = 'SHA256SUMS';

/** Writes DIR/NAME, which gets its name by rename once all is synced: a reader sees it whole or not at all. */
export async function writeVersionFolder(
  directory: string,
  name: string,
  { digest, manifest, manifestBytes, model }: EncodedVersion,
): Promise<void> {
  const folder = join(directory, name);
  const writing = join(directory, `.writing-${name}`);
  await writingVersions(folder, async () => {
    await mkdir(directory, { recursive: true });
    await rm(writing, { recursive: true, force: true });
    await mkdir(writing);
    await writeSynced(join(writing, MODEL), model);
    await writeSynced(join(writing, MANIFEST), manifestBytes);
    await writeSynced(join(writing, SUMS), `${manifest.model.sha256}  ${MODEL}\n${digest}  ${MANIFEST}\n`);
    await syncFolder(writing);
    await rm(folder, { recursive: true, force: true });
    await rename(writing, folder);
    await syncFolder(directory);
  });
}

/** The version in a folder; its model is read by `load`. @throws DadinError DADIN_VERSION_UNREADABLE, DADIN_VERSION_FORMAT */
export async function readVersionFolder(path: string): Promise<PublishedVersion> {
  const read = (name: string) =>
    readFile(join(path, name)).catch((cause) => {
      throw unreadable(`${join(path, name)} cannot be read`, { cause });
    });
  const digest = /^([0-9a-f]{64}) {2}manifest\.json$/m.exec((await read(SUMS)).toString('utf8'))?.[1];
  if (digest === undefined) throw unreadable(`${path}: ${SUMS} names no manifest`);
  const manifest = decodeManifest(await read(MANIFEST), digest, path);
  return {
    number: manifest.number,
    digest,
    manifest,
    async load() {
      const model = await read(MODEL);
      const got = sha256(model);
      if (got === manifest.model.sha256) return model;
      throw unreadable(`${path}: ${MODEL} is damaged`, { got, expected: manifest.model.sha256 });
    },
  };
}

/** Does the work; whatever stops it is DADIN_VERSION_WRITE. `what`: the path that it writes. */
export async function writingVersions(what: string, work: () => Promise<void>): Promise<void> {
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
