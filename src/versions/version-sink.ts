import type { EncodedVersion, VersionManifest, VersionRef } from './manifest.js';
import type { Pin } from './version-source.js';

export interface KeptVersion extends VersionRef {
  readonly manifest: VersionManifest;
}

/** Where versions are written. Errors are DADIN_VERSION_WRITE. */
export interface VersionSink {
  readonly name: string;
  /** Versions there now, in ascending order of number. */
  kept(): Promise<readonly KeptVersion[]>;
  /** Complete when it resolves; before that no reader takes it for a version. */
  write(version: EncodedVersion): Promise<void>;
  /** Takes versions away that no reader needs any longer. */
  retire(versions: readonly KeptVersion[]): Promise<void>;
  pinned(): Promise<Pin | null>;
  /** Holds subscribers at a version; null lets them go on. */
  pin(pin: Pin | null): Promise<void>;
  close(): Promise<void>;
}
