/**
 * A map bounded by approximate least-recent use: two generations of at most `capacity / 2` keys. A key found in the old
 * generation moves to the young one; when the young one is full, the old one is dropped and they change places.
 * Deterministic, O(1), without the bookkeeping of an exact LRU list. Holds between capacity/2 and capacity of the most
 * recently used keys.
 */
export class GenerationalMap<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #evicted = 0;

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  /** Marks the key as used. */
  get(key: string): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.#insert(key, old);
    }
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.has(key)) {
      this.#young.set(key, value);
      return;
    }
    this.#old.delete(key);
    this.#insert(key, value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Keys dropped because of the bound, so far. */
  get evicted(): number {
    return this.#evicted;
  }

  /** All entries, old generation first, in an order that `restore` reproduces. */
  *entries(): IterableIterator<[string, V]> {
    yield* this.#old;
    yield* this.#young;
  }

  get oldSize(): number {
    return this.#old.size;
  }

  restore(entries: Iterable<readonly [string, V]>, oldSize: number, evicted: number): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#evicted = evicted;
    let n = 0;
    for (const [key, value] of entries) (n++ < oldSize ? this.#old : this.#young).set(key, value);
  }

  #insert(key: string, value: V): void {
    if (this.#young.size >= this.#half) {
      this.#evicted += this.#old.size;
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
