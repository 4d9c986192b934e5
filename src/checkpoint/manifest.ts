import { createHash } from 'node:crypto';

/** Format of the directory form; a reader refuses a newer major. */
export const CHECKPOINT_FORMAT = 1;

interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Lineage over a change of configuration. */
export interface MigrationNote {
  /** Folder of the checkpoint it was made from, and its digests. */
  readonly checkpoint: string;
  readonly digest: string;
  readonly configDigest: string;
  /** Learning keys that changed. */
  readonly changedKeys: readonly string[];
  /** What could not be kept and starts anew. */
  readonly startedAnew: readonly string[];
}

/** `manifest.json`, written last: a checkpoint without it, or with a digest that does not hold, does not exist. */
export interface CheckpointManifest {
  readonly format: number;
  readonly product: 'dadin-stream';
  /** Number of the checkpoint in its directory. */
  readonly number: number;
  /** Training steps taken. */
  readonly step: number;
  readonly events: number;
  /** The configuration as it was, and the digest of its learning keys. */
  readonly config: unknown;
  readonly configDigest: string;
  readonly backend: string;
  readonly backendSettings: Readonly<Record<string, string | number>>;
  /** Next unread position of each partition, decimal. */
  readonly positions: Readonly<Record<string, string>>;
  /** Event time reached, ms; null before the first event. */
  readonly eventTimeMs: number | null;
  /** Digest of the fold at this point (architecture, section 2), comparable across runs. */
  readonly digest: string;
  /** Number of the checkpoint that this run resumed from or wrote before; null for the first. */
  readonly parent: number | null;
  readonly metrics: unknown;
  /** What `migrate` made this checkpoint from; absent where a run wrote it. */
  readonly migratedFrom?: MigrationNote;
  readonly files: Readonly<Record<string, FileDigest>>;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
