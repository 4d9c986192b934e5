import { createHash } from 'node:crypto';

/** Format of the directory form; a reader refuses a newer major. */
export const CHECKPOINT_FORMAT = 1;

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
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
  readonly files: Readonly<Record<string, FileDigest>>;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
