import type { VersionRef } from './manifest.js';
import type { PublishedVersion } from './version-source.js';

/**
 * The versions to load, in order, to come to `goal` from `current` (null: nothing loaded): the deltas after `current`, or a
 * full version and the deltas after it. Null where a link is missing.
 */
export function chainTo(
  goal: PublishedVersion,
  current: VersionRef | null,
  known: ReadonlyMap<string, PublishedVersion>,
): PublishedVersion[] | null {
  const chain: PublishedVersion[] = [];
  for (let version: PublishedVersion | undefined = goal; version !== undefined; ) {
    chain.unshift(version);
    const { kind, parent }: PublishedVersion['manifest'] = version.manifest;
    if (kind === 'full' || (parent !== null && parent.digest === current?.digest)) return chain;
    version = parent === null ? undefined : known.get(parent.digest);
  }
  return null;
}
