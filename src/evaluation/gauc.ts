import { SeededRandom, type Stateful, type StateValue } from '../core/index.js';
import { ExactAuc } from './exact-auc.js';

export interface GaucOptions {
  /** Users sampled: between this many and twice as many, those of the smallest hashes. */
  readonly minUsers: number;
  /** Rows kept of each at most: a uniform sample (Vitter's R). */
  readonly rowsPerUser: number;
  readonly seed: number;
}

interface User {
  readonly hash: number;
  seen: number;
  readonly logits: number[];
  readonly labels: (0 | 1)[];
}

interface GaucState {
  readonly [key: string]: StateValue;
  readonly users: readonly (readonly [userId: string, seen: number, logits: Float32Array, labels: Uint8Array])[];
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
  readonly #random: SeededRandom;
  #users = new Map<string, User>();
  /** Users of this hash and above are not in the sample. */
  #hashLimit = 2 ** 32;

  constructor(options: GaucOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 'gauc');
  }

  add(userId: string, logit: number, label: 0 | 1): void {
    const user = this.#users.get(userId) ?? this.#admit(userId);
    if (user === null) return;
    user.seen++;
    let at = user.logits.length;
    if (at === this.#options.rowsPerUser) {
      at = this.#random.below(user.seen);
      if (at >= this.#options.rowsPerUser) return;
    }
    user.logits[at] = Math.fround(logit);
    user.labels[at] = label;
  }

  /** Null where no user has both classes. */
  value(): number | null {
    let weight = 0;
    let sum = 0;
    for (const user of this.#users.values()) {
      const metric = new ExactAuc();
      for (let i = 0; i < user.logits.length; i++) metric.add(user.logits[i]!, user.labels[i]!);
      const auc = metric.auc;
      if (auc === null) continue;
      weight += user.seen;
      sum += user.seen * auc;
    }
    return weight === 0 ? null : sum / weight;
  }

  snapshot(): StateValue {
    const users = [...this.#users].map(
      ([userId, { seen, logits, labels }]) =>
        [userId, seen, Float32Array.from(logits), Uint8Array.from(labels)] as const,
    );
    return { users, hashLimit: this.#hashLimit, random: this.#random.snapshot() } satisfies GaucState;
  }

  restore(state: StateValue): void {
    const { users, hashLimit, random } = state as GaucState;
    this.#users = new Map();
    for (const [userId, seen, logits, labels] of users) {
      const user = { hash: hashOf(userId), seen, logits: [...logits], labels: [...labels] as (0 | 1)[] };
      this.#users.set(userId, user);
    }
    this.#hashLimit = hashLimit;
    this.#random.restore(random);
  }

  #admit(userId: string): User | null {
    const hash = hashOf(userId);
    if (hash >= this.#hashLimit) return null;
    const user: User = { hash, seen: 0, logits: [], labels: [] };
    this.#users.set(userId, user);
    if (this.#users.size <= 2 * this.#options.minUsers) return user;
    const hashes = Float64Array.from(this.#users.values(), (held) => held.hash).sort();
    this.#hashLimit = hashes[this.#options.minUsers]!;
    for (const [heldId, held] of this.#users) if (held.hash >= this.#hashLimit) this.#users.delete(heldId);
    return hash < this.#hashLimit ? user : null;
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
