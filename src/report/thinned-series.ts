/** Newest entries kept in full. */
const RECENT = 512;
/** Older entries kept at most; when there are more, every second goes. */
const OLD = 1536;

interface Entry<T> {
  readonly sequence: number;
  readonly value: T;
}

/**
 * A series in bounded memory, however long the run: the newest entries in full, of the older ones one in `stride`, which
 * doubles whenever they grow too many. The page thins what it receives by the same rule.
 */
export class ThinnedSeries<T> {
  #old: Entry<T>[] = [];
  #recent: Entry<T>[] = [];
  #stride = 1;
  #next = 0;

  /** Returns the entry's number, counted from 0. */
  add(value: T): number {
    const sequence = this.#next++;
    this.#recent.push({ sequence, value });
    if (this.#recent.length >= 2 * RECENT) this.#age();
    return sequence;
  }

  /** Oldest first. */
  get entries(): readonly Entry<T>[] {
    return [...this.#old, ...this.#recent];
  }

  /** Entries after `sequence`; null when some of them are no longer kept. */
  since(sequence: number): readonly Entry<T>[] | null {
    const oldest = this.#recent[0]?.sequence ?? 0;
    if (sequence < oldest - 1 || sequence >= this.#next) return null;
    return this.#recent.filter((entry) => entry.sequence > sequence);
  }

  /** Number of the next entry. */
  get next(): number {
    return this.#next;
  }

  #age(): void {
    const aged = this.#recent.splice(0, this.#recent.length - RECENT);
    for (const entry of aged) if (entry.sequence % this.#stride === 0) this.#old.push(entry);
    while (this.#old.length > OLD) {
      this.#stride *= 2;
      this.#old = this.#old.filter(({ sequence }) => sequence % this.#stride === 0);
    }
  }
}
