/** Between readings while turns come, ms. */
const READ_MS = 250;
/** Between readings while none comes. */
export const IDLE_READ_MS = 1000;
/** Where a reading takes more than this share of the time (large windows), they come less often, */
const MOST_COST = 1 / 100;
/** but not less often than this. */
const SLOWEST_READ_MS = 2000;

/** When to take the next reading of a run: often, and at a cost that nobody notices. */
export class ReadingSchedule {
  #readAtMs = Number.NEGATIVE_INFINITY;
  #costMs = 0;

  /** Since the newest reading began, ms; infinite before the first. */
  elapsedMs(nowMs: number): number {
    return nowMs - this.#readAtMs;
  }

  isDue(nowMs: number, isIdle: boolean): boolean {
    const affordableMs = Math.min(SLOWEST_READ_MS, this.#costMs / MOST_COST);
    return this.elapsedMs(nowMs) >= Math.max(isIdle ? IDLE_READ_MS : READ_MS, affordableMs);
  }

  /** A reading was taken from `startedMs` to `endedMs`. */
  taken(startedMs: number, endedMs: number): void {
    this.#readAtMs = startedMs;
    this.#costMs = endedMs - startedMs;
  }
}
