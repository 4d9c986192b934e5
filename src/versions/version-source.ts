import type { DadinError } from '../core/index.js';
import { unreadable, type VersionManifest, type VersionRef } from './manifest.js';

/** A version that is complete where it lies. */
export interface PublishedVersion extends VersionRef {
  readonly manifest: VersionManifest;
  /** The verified bytes of `model.safetensors`. DADIN_VERSION_UNREADABLE where a digest does not hold. */
  load(): Promise<Buffer>;
}

/** An operator's word to subscribers: stay at this version until released. */
export interface Pin extends VersionRef {
  readonly reason: string;
}

/** What a reader finds: a version, a pin or its release, or something that is not to be used and why. */
export type VersionNews =
  | { readonly version: PublishedVersion }
  | { readonly pin: Pin | null }
  | { readonly refused: DadinError };

/** Where versions are read from. */
export interface VersionSource {
  /** What came since the last call, in the order published. */
  poll(): Promise<readonly VersionNews[]>;
  /** The next call starts again with the oldest version kept. */
  rewind(): void;
  close(): Promise<void>;
}

/** A pin as it is stored. DADIN_VERSION_UNREADABLE where it is none. */
export function parsePin(text: string, where: string): Pin {
  try {
    const { number, digest, reason } = JSON.parse(text) as Partial<Pin>;
    if (typeof number === 'number' && typeof digest === 'string') return { number, digest, reason: reason ?? '' };
  } catch (cause) {
    throw unreadable(`${where}: the pin cannot be parsed`, { cause });
  }
  throw unreadable(`${where}: the pin names no version`);
}
