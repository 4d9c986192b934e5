import { setTimeout as delay } from 'node:timers/promises';
import type { DadinError } from '../core/index.js';
import type { VersionSource } from '../versions/index.js';
import { Scorer } from './scorer.js';
import { VersionFollower } from './version-follower.js';

export interface SubscribeOptions {
  /** How often the source is asked, in milliseconds. */
  readonly pollMs?: number;
  /** Aborted: the subscription ends and the source is closed. */
  readonly signal?: AbortSignal;
  /** Told of versions that were refused and of gaps; the model loaded last stays in use. */
  readonly onProblem?: (problem: DadinError) => void;
}

const POLL_MS = 200;

/**
 * Verified, hot-swapped models: gives the scorer whenever it has come to another version, first the newest there is. It is
 * always the same scorer, and it scores with the newest version also between two turns of the loop.
 *
 * ```ts
 * for await (const model of subscribe(new VersionDirectory('versions'))) console.log(model.version?.number);
 * ```
 * @throws DadinError DADIN_BACKEND_UNAVAILABLE where the kernel is not built; errors of the source itself
 */
export async function* subscribe(
  source: VersionSource,
  { pollMs = POLL_MS, signal, onProblem = () => {} }: SubscribeOptions = {},
): AsyncGenerator<Scorer, void, void> {
  try {
    const scorer = await Scorer.create();
    const follower = new VersionFollower(source, scorer, onProblem);
    while (!signal?.aborted) {
      if (await follower.advance()) yield scorer;
      else await delay(pollMs, undefined, signal === undefined ? {} : { signal }).catch(ignoreAbort);
    }
  } finally {
    await source.close();
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
