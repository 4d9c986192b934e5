import { createHash } from 'node:crypto';
import { DadinError } from '../core/index.js';

/** Format of model versions; a reader refuses a newer one. */
const VERSION_FORMAT = 1;

/** Chunks are records of the topic form; brokers refuse batches of about 1 MB. */
const CHUNK_BYTES = 900_000;

export interface VersionRef {
  readonly number: number;
  /** SHA-256 of the manifest, which names all else by digest. */
  readonly digest: string;
}

/** How embedding rows are written. Only `float32` gives subscribers the learner's bits. */
export type RowFormat = 'float32' | 'float16' | 'int8';

interface ChunkDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * What belongs to a version besides its weights: everything but number, parent and files. Positions and names of logs are
 * left out, so that the same events make the same versions from a file and from topics of any number of partitions.
 */
export interface VersionFacts {
  /** Name of the model: versions of several may share a topic. */
  readonly name: string;
  /** Training steps taken, events folded, event time reached in ms. */
  readonly step: number;
  readonly events: number;
  readonly eventTimeMs: number | null;
  readonly configDigest: string;
  readonly backend: string;
  readonly backendSettings: Readonly<Record<string, string | number>>;
  /** Prequential metrics of both domains at publication. */
  readonly metrics: unknown;
  /**
   * Figures of the versions before it, each over the rows scored while it was the newest: null in the first, absent in those
   * that were made before there were such figures.
   */
  readonly scored?: unknown;
  /** What a scorer is built from: options of the model, features, statistics, linear part. */
  readonly scorer: unknown;
}

/** `manifest.json` of a model version. A version without it, or with a digest that does not hold, does not exist. */
export interface VersionManifest extends VersionFacts {
  readonly format: number;
  readonly product: 'dadin-stream';
  /** `full` stands alone; `delta` changes its parent. */
  readonly kind: 'full' | 'delta';
  /** Why it is full; null for a delta. */
  readonly wholeBecause: string | null;
  /** Why the gate refused it; absent where it was published. */
  readonly refused?: readonly string[];
  readonly number: number;
  /** The version published before; null for the first. */
  readonly parent: VersionRef | null;
  /** Names the learner's line of versions, from the first on: see `lineageOf`. */
  readonly lineage: string;
  /** How embedding rows are written. */
  readonly rows: RowFormat;
  readonly tables: TableShapes;
  readonly model: { readonly bytes: number; readonly sha256: string; readonly chunks: readonly ChunkDigest[] };
}

/** Tables in `model.safetensors`: rows in it, ids removed, and the names of its columns. */
export type TableShapes = Readonly<
  Record<string, { readonly rows: number; readonly removed: number; readonly columns: readonly string[] }>
>;

/** A version as it is written: nothing in it depends on when or by which process. */
export interface EncodedVersion extends VersionRef {
  readonly manifest: VersionManifest;
  readonly manifestBytes: Buffer;
  readonly model: Buffer;
}

export function encodeVersion(
  manifest: Omit<VersionManifest, 'format' | 'product' | 'model'>,
  model: Buffer,
): EncodedVersion {
  const whole: VersionManifest = {
    format: VERSION_FORMAT,
    product: 'dadin-stream',
    ...manifest,
    model: {
      bytes: model.length,
      sha256: sha256(model),
      chunks: chunksOf(model).map((chunk) => ({ bytes: chunk.length, sha256: sha256(chunk) })),
    },
  };
  const manifestBytes = Buffer.from(`${JSON.stringify(whole, null, 1)}\n`);
  return { number: manifest.number, digest: sha256(manifestBytes), manifest: whole, manifestBytes, model };
}

/** The first version names the line: the same log under the same configuration gives the same line. */
export function lineageOf(facts: VersionFacts, model: Uint8Array): string {
  return sha256([facts.name, facts.configDigest, facts.backend, facts.step, sha256(model)].join('\n'));
}

/** A model's bytes in pieces of at most `CHUNK_BYTES`: views. */
export function chunksOf(model: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < model.length; at += CHUNK_BYTES) chunks.push(model.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

/**
 * Parses a manifest. DADIN_VERSION_UNREADABLE where its digest is another or it is none, DADIN_VERSION_FORMAT where it is of a
 * format that this reader does not know.
 */
export function decodeManifest(bytes: Uint8Array, digest: string, where: string): VersionManifest {
  const got = sha256(bytes);
  if (got !== digest) throw unreadable(`${where}: the manifest is damaged`, { got, expected: digest });
  let manifest: Partial<VersionManifest> | null;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw unreadable(`${where}: the manifest cannot be parsed`, { cause });
  }
  if (manifest?.product !== 'dadin-stream' || typeof manifest.format !== 'number') {
    throw unreadable(`${where}: no manifest of a model version`);
  }
  if (manifest.format !== VERSION_FORMAT) {
    throw new DadinError('DADIN_VERSION_FORMAT', `${where} is of another format`, {
      step: 'subscribe',
      got: `format ${manifest.format}`,
      expected: `format ${VERSION_FORMAT}`,
      remedy: 'update dadin-stream on this side; the model loaded last stays in use',
    });
  }
  return manifest as VersionManifest;
}

/** The model's bytes from its chunks in order. DADIN_VERSION_UNREADABLE where a length or digest does not hold. */
export function joinChunks({ model }: VersionManifest, chunks: readonly Uint8Array[], where: string): Buffer {
  if (chunks.length !== model.chunks.length) {
    throw unreadable(`${where}: chunks are missing`, { got: `${chunks.length}`, expected: `${model.chunks.length}` });
  }
  for (const [i, chunk] of chunks.entries()) {
    const got = sha256(chunk);
    if (got !== model.chunks[i]!.sha256) {
      throw unreadable(`${where}: chunk ${i} is damaged`, { got, expected: model.chunks[i]!.sha256 });
    }
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== model.bytes || sha256(bytes) !== model.sha256) {
    throw unreadable(`${where}: the model is damaged`, { got: sha256(bytes), expected: model.sha256 });
  }
  return bytes;
}

export function unreadable(
  message: string,
  more: { readonly got?: string; readonly expected?: string; readonly cause?: unknown } = {},
): DadinError {
  return new DadinError('DADIN_VERSION_UNREADABLE', message, {
    step: 'subscribe',
    remedy: 'nothing: the model loaded last stays in use until a version arrives whole',
    ...more,
  });
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
