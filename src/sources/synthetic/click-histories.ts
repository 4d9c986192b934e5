/**
 * The last M clicks of every user in each domain, and how many of them have which topic, so that the history feature
 * is read in constant time.
 */
export class ClickHistories {
  readonly #capacity: number;
  readonly #topics: number;
  readonly #topicOf: readonly [Uint16Array, Uint16Array];
  /** [users, 2 domains, M] ring of items */
  readonly #rings: Int32Array;
  /** [users, 2 domains] clicks ever pushed */
  readonly #pushed: Int32Array;
  /** [users, topics] kept clicks of both domains */
  readonly #counts: Uint16Array;

  /** `topicOf` by domain code: topic of each item. */
  constructor(users: number, capacity: number, topics: number, topicOf: readonly [Uint16Array, Uint16Array]) {
    this.#capacity = capacity;
    this.#topics = topics;
    this.#topicOf = topicOf;
    this.#rings = new Int32Array(users * 2 * capacity);
    this.#pushed = new Int32Array(users * 2);
    this.#counts = new Uint16Array(users * topics);
  }

  /** Kept clicks of the user, both domains, whose item has the topic. */
  withTopic(user: number, topic: number): number {
    return this.#counts[user * this.#topics + topic]!;
  }

  /** Kept clicks of the user, both domains. */
  kept(user: number): number {
    const m = this.#capacity;
    return Math.min(m, this.#pushed[user * 2]!) + Math.min(m, this.#pushed[user * 2 + 1]!);
  }

  push(user: number, domain: 0 | 1, item: number): void {
    const topicOf = this.#topicOf[domain];
    const list = user * 2 + domain;
    const place = list * this.#capacity + (this.#pushed[list]! % this.#capacity);
    const counts = user * this.#topics;
    if (this.#pushed[list]! >= this.#capacity) this.#counts[counts + topicOf[this.#rings[place]!]!]!--;
    this.#counts[counts + topicOf[item]!]!++;
    this.#rings[place] = item;
    this.#pushed[list]!++;
  }

  /** Writes the user's kept clicks of a domain, oldest first, to `into` from `at` on; the rest of M places becomes -1. */
  copy(user: number, domain: 0 | 1, into: Int32Array, at: number): void {
    const m = this.#capacity;
    const list = user * 2 + domain;
    const pushed = this.#pushed[list]!;
    const length = Math.min(m, pushed);
    for (let i = 0; i < m; i++) {
      into[at + i] = i < length ? this.#rings[list * m + ((pushed - length + i) % m)]! : -1;
    }
  }
}
