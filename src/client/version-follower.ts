import { DadinError, type ServingPart } from '../core/index.js';
import {
  chainTo,
  decodeServing,
  type Pin,
  type PublishedVersion,
  type VersionNews,
  type VersionSource,
} from '../versions/index.js';
import type { LoadedVersion } from './scorer.js';

/** What takes versions in: `Scorer`. */
export interface VersionTarget {
  readonly version: LoadedVersion | null;
  load(version: LoadedVersion, part: ServingPart): void;
}

/**
 * Brings a target to the newest version of one learner's line, or to the one that an operator pinned: from the latest full
 * version and the deltas after it, then delta by delta. What cannot be verified or does not follow is passed over and told;
 * after a gap everything that is kept is read again.
 */
export class VersionFollower {
  readonly #source: VersionSource;
  readonly #target: VersionTarget;
  readonly #tell: (problem: DadinError) => void;
  /** By digest: what is known and not yet behind us. */
  #known = new Map<string, PublishedVersion>();
  #pin: Pin | null = null;
  #lineage: string | null = null;
  #foreignTold = new Set<string>();
  /** Everything kept was read again in vain: only a full version can help. */
  #isInGap = false;

  constructor(source: VersionSource, target: VersionTarget, tell: (problem: DadinError) => void) {
    this.#source = source;
    this.#target = target;
    this.#tell = tell;
  }

  /** Takes in what is new; true where the target has another version now. */
  async advance(): Promise<boolean> {
    const before = this.#target.version?.digest;
    const pinned = this.#pin?.digest;
    const news = await this.#poll();
    if (news === null) return false;
    this.#takeIn(news);
    // the versions behind us are needed again, to go back to one of them or on from there
    if (pinned !== this.#pin?.digest) await this.#readAgain();
    await this.#goOn();
    return this.#target.version?.digest !== before;
  }

  /** Null where the source cannot be reached now: the model loaded last stays in use. */
  async #poll(): Promise<readonly VersionNews[] | null> {
    try {
      return await this.#source.poll();
    } catch (error) {
      if (!(error instanceof DadinError && error.retryable)) throw error;
      this.#tell(error);
      return null;
    }
  }

  async #goOn(): Promise<void> {
    const goal = this.#goal();
    if (goal === null) return;
    let chain = chainTo(goal, this.#target.version, this.#known);
    if (chain === null && !this.#isInGap) {
      this.#isInGap = true;
      await this.#readAgain();
      chain = chainTo(goal, this.#target.version, this.#known);
      if (chain === null) this.#tell(gap(goal, this.#target.version));
    }
    chain ??= this.#pin === null ? this.#nearest() : null;
    for (const version of chain ?? []) {
      try {
        this.#target.load(version, decodeServing(await version.load(), version.manifest));
      } catch (error) {
        if (!(error instanceof DadinError) || error.code === 'DADIN_BUG') throw error;
        this.#known.delete(version.digest);
        this.#tell(error);
        return;
      }
      this.#isInGap = false;
    }
    if (chain !== null && this.#pin === null) this.#forgetBehind(goal.number);
  }

  /** The version to come to; null where there is none but the one in use. */
  #goal(): PublishedVersion | null {
    const current = this.#target.version;
    if (this.#pin !== null) {
      const pinned = this.#known.get(this.#pin.digest);
      return pinned === undefined || pinned.digest === current?.digest ? null : pinned;
    }
    return this.#newerThan(current?.number ?? 0)[0] ?? null;
  }

  /** The newest version that can be reached at all. */
  #nearest(): PublishedVersion[] | null {
    const current = this.#target.version;
    for (const version of this.#newerThan(current?.number ?? 0)) {
      const chain = chainTo(version, current, this.#known);
      if (chain !== null) return chain;
    }
    return null;
  }

  /** Known versions of a higher number, the newest first. */
  #newerThan(number: number): PublishedVersion[] {
    return [...this.#known.values()].filter((version) => version.number > number).sort((a, b) => b.number - a.number);
  }

  #takeIn(news: readonly VersionNews[]): void {
    // a reader that begins belongs to the line that was written to last
    const newest = news.findLast((one) => 'version' in one);
    if (newest !== undefined) this.#lineage ??= newest.version.manifest.lineage;
    for (const one of news) {
      if ('refused' in one) this.#tell(one.refused);
      else if ('pin' in one) this.#pin = one.pin;
      else if (one.version.manifest.lineage !== this.#lineage) this.#tellForeign(one.version);
      else this.#known.set(one.version.digest, one.version);
    }
  }

  async #readAgain(): Promise<void> {
    this.#source.rewind();
    this.#known = new Map();
    this.#takeIn((await this.#poll()) ?? []);
  }

  #forgetBehind(number: number): void {
    for (const [digest, version] of this.#known) if (version.number <= number) this.#known.delete(digest);
  }

  #tellForeign({ number, manifest }: PublishedVersion): void {
    if (this.#foreignTold.has(manifest.lineage)) return;
    this.#foreignTold.add(manifest.lineage);
    this.#tell(
      new DadinError('DADIN_VERSION_FOREIGN', `version ${number} comes from another learner`, {
        step: 'subscribe',
        got: `line ${manifest.lineage.slice(0, 12)}`,
        expected: `line ${this.#lineage?.slice(0, 12)}`,
        remedy: 'give the learners different names; begin a new subscription to follow the other one',
      }),
    );
  }
}

function gap(goal: PublishedVersion, current: LoadedVersion | null): DadinError {
  return new DadinError('DADIN_VERSION_GAP', `version ${goal.number} does not follow from what is loaded`, {
    step: 'subscribe',
    got: current === null ? 'nothing loaded' : `version ${current.number} loaded`,
    expected: `version ${goal.manifest.parent?.number} (${goal.manifest.parent?.digest.slice(0, 12)})`,
    remedy: 'nothing: the next full version closes the gap; the model loaded last stays in use',
    retryable: true,
  });
}
