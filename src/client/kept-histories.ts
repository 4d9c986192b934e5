import { type Domain, GenerationalMap } from '../core/index.js';
import type { Described, ScoreRequest } from './score-request.js';

/** A click as the event topics tell it. */
export interface Click {
  readonly domain: Domain;
  readonly userId: string;
  readonly item: Described;
  /** Milliseconds since the epoch. */
  readonly eventTimeMs: number;
}

export interface KeptHistoriesOptions {
  /** Newest clicks kept of a user and domain. */
  readonly length: number;
  /** Clicks older than this are not shown, in ms of event time; null shows them all. */
  readonly maxAgeMs: number | null;
  /** Users kept; the least recently seen go first. */
  readonly maxUsers: number;
}

type UserClicks = Record<Domain, readonly Click[]>;

/**
 * The users' clicks, kept by following the event topics, so that a scoring request needs to name the user only. Clicks may
 * come a little out of order; each list is in the order of event time.
 */
export class KeptHistories {
  readonly #options: KeptHistoriesOptions;
  readonly #users: GenerationalMap<UserClicks>;

  constructor(options: KeptHistoriesOptions) {
    this.#options = options;
    this.#users = new GenerationalMap(options.maxUsers);
  }

  add(click: Click): void {
    const user = this.#users.get(click.userId) ?? { target: [], source: [] };
    const clicks = [...user[click.domain]];
    const at = clicks.findLastIndex(({ eventTimeMs }) => eventTimeMs <= click.eventTimeMs) + 1;
    clicks.splice(at, 0, click);
    this.#users.set(click.userId, { ...user, [click.domain]: clicks.slice(-this.#options.length) });
  }

  /** What was clicked before `nowMs`, oldest first: the `histories` of a request. */
  of(userId: string, nowMs: number): NonNullable<ScoreRequest['histories']> {
    const user = this.#users.get(userId);
    if (user === undefined) return {};
    return { target: this.#shown(user.target, nowMs), source: this.#shown(user.source, nowMs) };
  }

  #shown(clicks: readonly Click[], nowMs: number): Described[] {
    const fromMs = this.#options.maxAgeMs === null ? Number.NEGATIVE_INFINITY : nowMs - this.#options.maxAgeMs;
    return clicks.filter(({ eventTimeMs }) => eventTimeMs >= fromMs && eventTimeMs < nowMs).map(({ item }) => item);
  }
}
