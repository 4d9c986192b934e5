import { GenerationalMap, type Item, type SnapshotPool, type StateValue } from '../core/index.js';

export interface HistoryOptions {
  /** Newest clicks kept a user and domain (L of the paper). */
  readonly length: number;
  /** Clicks older than this (event time) are not shown; null keeps them all. */
  readonly maxAgeMs: number | null;
  /** Users kept; the least recently seen go first. */
  readonly maxUsers: number;
  /** A user with fewer earlier target impressions is cold. */
  readonly coldImpressions: number;
}

/** Clicks of one user in one domain, oldest first. Lists are replaced, never changed, so samples may share them. */
interface Window {
  items: readonly Item[];
  timesMs: readonly number[];
}

interface UserState {
  readonly target: Window;
  readonly source: Window;
  targetImpressions: number;
}

/** A user as known before the newest event time. The lists are shared and never change. */
export interface UserView {
  readonly target: readonly Item[];
  readonly source: readonly Item[];
  readonly isCold: boolean;
}

interface Pending {
  readonly userId: string;
  readonly domain: number;
  readonly item: Item | null;
  readonly timeMs: number;
}

const EMPTY: readonly Item[] = [];

/**
 * Per-user, per-domain sliding windows of clicked items, strictly point in time.
 *
 * ```
 * t      1        2            2          3
 * event  click A  click B      impression impression
 * shows                        [A]        [A, B]       what has a strictly smaller event time
 * ```
 * Updates of the current event time wait until time moves on.
 */
export class UserHistories {
  readonly #options: HistoryOptions;
  readonly #users: GenerationalMap<UserState>;
  #pending: Pending[] = [];
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#users = new GenerationalMap(options.maxUsers);
  }

  /** Event time reaches `timeMs`: what happened before it becomes visible. Must not decrease. */
  advance(timeMs: number): void {
    if (timeMs <= this.#nowMs) return;
    this.#nowMs = timeMs;
    if (this.#pending.length === 0) return;
    for (const p of this.#pending) this.#apply(p);
    this.#pending = [];
  }

  /** What was known of the user before now; clicked items oldest first. */
  read(userId: string): UserView {
    const user = this.#users.get(userId);
    if (user === undefined) return { target: EMPTY, source: EMPTY, isCold: this.#options.coldImpressions > 0 };
    return {
      target: this.#recent(user.target),
      source: this.#recent(user.source),
      isCold: user.targetImpressions < this.#options.coldImpressions,
    };
  }

  /** The user clicked the item at `timeMs` (not after now). */
  addClick(userId: string, item: Item, timeMs: number): void {
    this.#pending.push({ userId, domain: item.domain, item, timeMs });
  }

  addImpression(userId: string, domain: number): void {
    if (domain === 1) this.#pending.push({ userId, domain, item: null, timeMs: this.#nowMs });
  }

  get users(): number {
    return this.#users.size;
  }

  get evictedUsers(): number {
    return this.#users.evicted;
  }

  #recent({ items, timesMs }: Window): readonly Item[] {
    const maxAgeMs = this.#options.maxAgeMs;
    if (maxAgeMs === null) return items;
    let first = 0;
    while (first < timesMs.length && timesMs[first]! < this.#nowMs - maxAgeMs) first++;
    return first === 0 ? items : items.slice(first);
  }

  #apply(p: Pending): void {
    let user = this.#users.get(p.userId);
    if (user === undefined) {
      user = { target: { items: EMPTY, timesMs: [] }, source: { items: EMPTY, timesMs: [] }, targetImpressions: 0 };
      this.#users.set(p.userId, user);
    }
    if (p.item === null) {
      user.targetImpressions++;
      return;
    }
    const window = p.domain === 1 ? user.target : user.source;
    const keep = Math.max(0, window.items.length - this.#options.length + 1);
    window.items = [...(keep > 0 ? window.items.slice(keep) : window.items), p.item];
    window.timesMs = [...(keep > 0 ? window.timesMs.slice(keep) : window.timesMs), p.timeMs];
  }

  snapshot(pool: SnapshotPool): StateValue {
    const entries = [...this.#users.entries()];
    const windows = entries.flatMap(([, user]) => [user.target, user.source]);
    return {
      users: entries.map(([id]) => id),
      targetImpressions: Uint32Array.from(entries, ([, user]) => user.targetImpressions),
      lengths: Uint32Array.from(windows, (w) => w.items.length),
      items: pool.putItems(windows.flatMap((w) => w.items)),
      timesMs: Float64Array.from(windows.flatMap((w) => w.timesMs)),
      oldSize: this.#users.oldSize,
      evicted: this.#users.evicted,
      nowMs: this.#nowMs,
      pending: this.#pending.map((p) => ({ ...p, item: p.item === null ? -1 : pool.putItem(p.item) })),
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as HistoriesState;
    let at = 0;
    const nextWindow = (i: number): Window => {
      const end = at + s.lengths[i]!;
      const window = { items: pool.items(s.items.subarray(at, end)), timesMs: Array.from(s.timesMs.subarray(at, end)) };
      at = end;
      return window;
    };
    const entries = s.users.map((id, i): [string, UserState] => [
      id,
      { target: nextWindow(2 * i), source: nextWindow(2 * i + 1), targetImpressions: s.targetImpressions[i]! },
    ]);
    this.#users.restore(entries, s.oldSize, s.evicted);
    this.#nowMs = s.nowMs;
    this.#pending = s.pending.map((p) => ({ ...p, item: p.item < 0 ? null : pool.item(p.item) }));
  }
}

interface HistoriesState {
  readonly users: readonly string[];
  readonly targetImpressions: Uint32Array;
  readonly lengths: Uint32Array;
  readonly items: Uint32Array;
  readonly timesMs: Float64Array;
  readonly oldSize: number;
  readonly evicted: number;
  readonly nowMs: number;
  readonly pending: readonly { userId: string; domain: number; item: number; timeMs: number }[];
}
