import { DadinError } from '../core/index.js';
import {
  chunksOf,
  decodeManifest,
  type EncodedVersion,
  joinChunks,
  unreadable,
  type VersionManifest,
} from './manifest.js';
import type { LogRecord, RecordLog } from './record-log.js';
import type { KeptVersion, VersionSink } from './version-sink.js';
import { type Pin, type PublishedVersion, parsePin, type VersionNews, type VersionSource } from './version-source.js';

const DIGEST_LENGTH = 64;

/**
 * Model versions as records of a compacted topic, NAME being the model's:
 *
 * ```
 * NAME/00000007/chunk/0000   bytes of model.safetensors, at most 900 000
 * NAME/00000007/chunk/0001
 * NAME/00000007/manifest     its SHA-256 in hexadecimal, a line feed, manifest.json; after the chunks
 * NAME/pin                   the version that subscribers are held at; a tombstone releases them
 * ```
 * Versions retired get tombstones, the manifest first. One object either writes or polls: both move through the log.
 */
export class VersionTopic implements VersionSink, VersionSource {
  readonly name: string;
  readonly #log: RecordLog;
  readonly #model: string;
  #assembly = new Assembly();
  readonly #kept = new Map<number, KeptVersion>();
  #pin: Pin | null = null;

  /** `model`: name of the model; records of others are passed over. */
  constructor(log: RecordLog, model: string) {
    this.name = `${log.name}, model ${model}`;
    this.#log = log;
    this.#model = model;
  }

  async kept(): Promise<readonly KeptVersion[]> {
    await this.#catchUp();
    return [...this.#kept.values()].sort((a, b) => a.number - b.number);
  }

  async write({ number, digest, manifestBytes, model }: EncodedVersion): Promise<void> {
    for (const [i, value] of chunksOf(model).entries()) await this.#append(this.#chunkKey(number, i), value);
    await this.#append(this.#manifestKey(number), Buffer.concat([Buffer.from(`${digest}\n`), manifestBytes]));
  }

  async retire(versions: readonly KeptVersion[]): Promise<void> {
    for (const { number, manifest } of versions) {
      await this.#append(this.#manifestKey(number), null);
      for (let i = 0; i < manifest.model.chunks.length; i++) await this.#append(this.#chunkKey(number, i), null);
    }
  }

  async pinned(): Promise<Pin | null> {
    await this.#catchUp();
    return this.#pin;
  }

  async pin(pin: Pin | null): Promise<void> {
    await this.#append(`${this.#model}/pin`, pin === null ? null : Buffer.from(JSON.stringify(pin)));
  }

  async poll(): Promise<readonly VersionNews[]> {
    const news: VersionNews[] = [];
    for (const record of await this.#log.read()) {
      const key = this.#parse(record.key);
      if (key === null) continue;
      if (key.kind === 'pin') news.push(pinNews(record));
      else if (key.kind === 'chunk') news.push(...this.#assembly.chunk(key.number, key.chunk, record.value));
      else news.push(...this.#assembly.manifest(key.number, record.value, record.key));
    }
    return [...news, ...this.#assembly.incomplete()];
  }

  /** Takes in the manifests and the pin that came since; for a sink, which does not poll. */
  async #catchUp(): Promise<void> {
    for (const { key: text, value } of await this.#log.read()) {
      const key = this.#parse(text);
      if (key?.kind === 'pin') this.#pin = value === null ? null : parsePin(Buffer.from(value).toString('utf8'), text);
      if (key?.kind !== 'manifest') continue;
      const version = value === null ? null : readManifest(value, text);
      if (version === null || version instanceof DadinError) this.#kept.delete(key.number);
      else this.#kept.set(key.number, version);
    }
  }

  rewind(): void {
    this.#log.rewind();
    this.#assembly = new Assembly();
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #chunkKey(number: number, chunk: number): string {
    return `${this.#model}/${padded(number, 8)}/chunk/${padded(chunk, 4)}`;
  }

  #manifestKey(number: number): string {
    return `${this.#model}/${padded(number, 8)}/manifest`;
  }

  #parse(key: string): Key | null {
    if (!key.startsWith(`${this.#model}/`)) return null;
    const rest = key.slice(this.#model.length + 1);
    if (rest === 'pin') return { kind: 'pin' };
    const parts = /^(\d{8})\/(?:manifest|chunk\/(\d{4,}))$/.exec(rest);
    if (parts === null) return null; // of another model, whose name goes on after the slash
    const number = Number(parts[1]);
    return parts[2] === undefined ? { kind: 'manifest', number } : { kind: 'chunk', number, chunk: Number(parts[2]) };
  }

  async #append(key: string, value: Uint8Array | null): Promise<void> {
    try {
      await this.#log.append({ key, value });
    } catch (cause) {
      if (cause instanceof DadinError) throw cause; // fenced: a successor writes now
      throw new DadinError('DADIN_VERSION_WRITE', `cannot write ${key} to ${this.#log.name}`, {
        step: 'publish',
        remedy: 'what was published before is untouched; resume once the topic takes records of 900 kB',
        retryable: true,
        cause,
      });
    }
  }
}

type Key =
  | { readonly kind: 'pin' }
  | { readonly kind: 'manifest'; readonly number: number }
  | { readonly kind: 'chunk'; readonly number: number; readonly chunk: number };

interface Unfinished {
  readonly chunks: Map<number, Uint8Array>;
  /** Once its manifest came: what is complete as soon as the chunks are. */
  manifest: KeptVersion | null;
  /** Refused already since its last record. */
  told: boolean;
}

/** Chunks and manifests on their way to versions, in whatever order they come. */
class Assembly {
  readonly #parts = new Map<number, Unfinished>();
  #newestFull = 0;

  chunk(number: number, chunk: number, value: Uint8Array | null): VersionNews[] {
    if (number < this.#newestFull) return [];
    const part = this.#part(number);
    if (value === null) part.chunks.delete(chunk);
    else part.chunks.set(chunk, value);
    return this.#ifComplete(number, part);
  }

  manifest(number: number, value: Uint8Array | null, key: string): VersionNews[] {
    if (value === null) {
      this.#parts.delete(number);
      return [];
    }
    const version = readManifest(value, key);
    if (version instanceof DadinError) return [{ refused: version }];
    if (version.number !== number) return [{ refused: unreadable(`${key} holds version ${version.number}`) }];
    const part = this.#part(number);
    part.manifest = version;
    return this.#ifComplete(number, part);
  }

  /** Manifests whose chunks are missing or damaged, each told once until something of it comes again. */
  incomplete(): VersionNews[] {
    const news: VersionNews[] = [];
    for (const [number, part] of this.#parts) {
      if (part.manifest === null || part.told) continue;
      part.told = true;
      news.push({
        refused: damage(part.manifest.manifest, part.chunks) ?? unreadable(`version ${number} is incomplete`),
      });
    }
    return news;
  }

  #part(number: number): Unfinished {
    let part = this.#parts.get(number);
    if (part === undefined) {
      part = { chunks: new Map(), manifest: null, told: false };
      this.#parts.set(number, part);
    }
    part.told = false;
    return part;
  }

  #ifComplete(number: number, { manifest: version, chunks }: Unfinished): VersionNews[] {
    if (version === null || chunks.size < version.manifest.model.chunks.length) return [];
    const bytes = joined(version.manifest, chunks);
    if (bytes instanceof DadinError) return [];
    this.#parts.delete(number);
    if (version.manifest.kind === 'full' && number > this.#newestFull) {
      this.#newestFull = number;
      // what lies before it and is not complete by now helps nobody
      for (const [other, part] of this.#parts) if (other < number && part.manifest === null) this.#parts.delete(other);
    }
    const complete: PublishedVersion = { ...version, load: async () => bytes };
    return [{ version: complete }];
  }
}

function joined(manifest: VersionManifest, chunks: ReadonlyMap<number, Uint8Array>): Buffer | DadinError {
  const inOrder = manifest.model.chunks.flatMap((_, i) => chunks.get(i) ?? []);
  try {
    return joinChunks(manifest, inOrder, `version ${manifest.number}`);
  } catch (error) {
    if (error instanceof DadinError) return error;
    throw error;
  }
}

function damage(manifest: VersionManifest, chunks: ReadonlyMap<number, Uint8Array>): DadinError | null {
  const result = joined(manifest, chunks);
  return result instanceof DadinError ? result : null;
}

function readManifest(value: Uint8Array, key: string): KeptVersion | DadinError {
  const digest = Buffer.from(value.subarray(0, DIGEST_LENGTH)).toString('latin1');
  try {
    const manifest = decodeManifest(value.subarray(DIGEST_LENGTH + 1), digest, key);
    return { number: manifest.number, digest, manifest };
  } catch (error) {
    if (error instanceof DadinError) return error;
    throw error;
  }
}

function pinNews({ key, value }: LogRecord): VersionNews {
  if (value === null) return { pin: null };
  try {
    return { pin: parsePin(Buffer.from(value).toString('utf8'), key) };
  } catch (error) {
    if (error instanceof DadinError) return { refused: error };
    throw error;
  }
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
