import { SeededRandom, type Stateful, type StateValue } from '../core/index.js';
import { UserRows } from './user-rows.js';

export interface GaucOptions {
  /** Users sampled: between this many and twice as many, those of the smallest hashes. */
  readonly minUsers: number;
  /** Rows kept of each at most: a uniform sample (Vitter's R). */
  readonly rowsPerUser: number;
}

export interface GaucSummary {
  /** Null where no user has both classes. */
  readonly gauc: number | null;
  /** Standard error from the spread between users; null with fewer than two of them. */
  readonly gaucSe: number | null;
  /** Users with both classes that the figure is made of. */
  readonly gaucUsers: number;
}

interface User {
  readonly hash: number;
  seen: number;
  readonly rows: UserRows;
}

interface GaucState {
  readonly [key: string]: StateValue;
  readonly userIds: readonly string[];
  readonly seen: Float64Array;
  /** Rows kept of each user; their logits and labels lie end to end. */
  readonly kept: Uint32Array;
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
  readonly hashLimit: number;
  readonly random: StateValue;
}

/**
 * User AUC (GAUC): the AUC within each user, weighted by impressions, over users with both classes. A good ranking of
 * users among each other does not raise it. Memory is bounded: the users of the smallest hashes are a uniform sample of
 * all users, and as the limit only falls, each of them is followed from its first row on.
 */
export class Gauc implements Stateful {
  readonly #options: GaucOptions;
  readonly #random = new SeededRandom(0, 'gauc');
  #users = new Map<string, User>();
  /** Users of this hash and above are not in the sample. */
  #hashLimit = 2 ** 32;

  constructor(options: GaucOptions) {
    this.#options = options;
  }

  /** O(rowsPerUser) for a user of the sample. */
  add(userId: string, logit: number, label: 0 | 1): void {
    const user = this.#users.get(userId) ?? this.#admit(userId);
    if (user === null) return;
    user.seen++;
    let at = user.rows.size;
    if (at === this.#options.rowsPerUser) {
      at = this.#random.below(user.seen);
      if (at >= this.#options.rowsPerUser) return;
    }
    user.rows.put(at, logit, label);
  }

  /** A late label: flips that of a kept row; a row that is not in the sample changes nothing. */
  restate(userId: string, logit: number, label: 0 | 1): void {
    this.#users.get(userId)?.rows.relabel(logit, label);
  }

  /**
   * Adds another partition's rows. A user of both keeps rows of either in proportion to its impressions there; users that
   * either part no longer follows leave the sample.
   */
  merge(other: Gauc): void {
    const random = this.#random;
    this.#hashLimit = Math.min(this.#hashLimit, other.#hashLimit);
    for (const [userId, theirs] of other.#users) {
      const own = this.#users.get(userId);
      if (own === undefined) {
        this.#users.set(userId, { hash: theirs.hash, seen: theirs.seen, rows: theirs.rows.copy() });
      } else {
        const total = own.seen + theirs.seen;
        own.rows.mix(theirs.rows, this.#options.rowsPerUser, () => random.next() * total < theirs.seen);
        own.seen = total;
      }
    }
    this.#keepBelowLimit();
    while (this.#users.size > 2 * this.#options.minUsers) this.#lowerLimit();
  }

  summary(): GaucSummary {
    let users = 0;
    let weight = 0;
    let sum = 0;
    for (const { seen, rows } of this.#users.values()) {
      const { auc } = rows;
      if (auc === null) continue;
      users++;
      weight += seen;
      sum += seen * auc;
    }
    if (users === 0) return { gauc: null, gaucSe: null, gaucUsers: 0 };
    const gauc = sum / weight;
    let squares = 0;
    for (const { seen, rows } of this.#users.values())
      if (rows.auc !== null) squares += (seen * (rows.auc - gauc)) ** 2;
    return { gauc, gaucSe: users < 2 ? null : Math.sqrt(squares) / weight, gaucUsers: users };
  }

  snapshot(): StateValue {
    const users = [...this.#users];
    const all = users.flatMap(([, { rows }]) => [...rows]);
    return {
      userIds: users.map(([userId]) => userId),
      seen: Float64Array.from(users, ([, { seen }]) => seen),
      kept: Uint32Array.from(users, ([, { rows }]) => rows.size),
      logits: Float32Array.from(all, ({ logit }) => logit),
      labels: Uint8Array.from(all, ({ label }) => label),
      hashLimit: this.#hashLimit,
      random: this.#random.snapshot(),
    } satisfies GaucState;
  }

  restore(state: StateValue): void {
    const { userIds, seen, kept, logits, labels, hashLimit, random } = state as GaucState;
    this.#users = new Map();
    let at = 0;
    for (const [i, userId] of userIds.entries()) {
      const rows = new UserRows();
      for (let k = 0; k < kept[i]!; k++, at++) rows.put(k, logits[at]!, labels[at] as 0 | 1);
      this.#users.set(userId, { hash: hashOf(userId), seen: seen[i]!, rows });
    }
    this.#hashLimit = hashLimit;
    this.#random.restore(random);
  }

  #admit(userId: string): User | null {
    const hash = hashOf(userId);
    if (hash >= this.#hashLimit) return null;
    const user: User = { hash, seen: 0, rows: new UserRows() };
    this.#users.set(userId, user);
    if (this.#users.size <= 2 * this.#options.minUsers) return user;
    this.#lowerLimit();
    return hash < this.#hashLimit ? user : null;
  }

  #lowerLimit(): void {
    const hashes = Float64Array.from(this.#users.values(), (held) => held.hash).sort();
    this.#hashLimit = hashes[this.#options.minUsers]!;
    this.#keepBelowLimit();
  }

  #keepBelowLimit(): void {
    for (const [heldId, held] of this.#users) if (held.hash >= this.#hashLimit) this.#users.delete(heldId);
  }
}

/** FNV-1a with murmur3's finish, so that near names fall far apart; 32 bits. */
function hashOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
