import { GenerationalMap, type Item, type SnapshotPool, type StateValue } from '../core/index.js';

/**
 * Items by domain and id, each with its feature ids stored once. An item whose features change gets a new entry; what
 * was frozen before keeps the old one. Bounded, least recently seen first.
 */
export class ItemCatalogue {
  readonly #items: GenerationalMap<Item>;
  readonly #newImpressions: number;
  #nextSerial = 0;
  #seen: Item[] = [];
  #nowMs = Number.NEGATIVE_INFINITY;

  /** `newImpressions`: an item with fewer earlier impressions counts as new. */
  constructor(maxItems: number, newImpressions: number) {
    this.#items = new GenerationalMap(maxItems);
    this.#newImpressions = newImpressions;
  }

  /** Impressions of earlier event times are counted from now on. Must not decrease. */
  advance(timeMs: number): void {
    if (timeMs <= this.#nowMs) return;
    this.#nowMs = timeMs;
    for (const item of this.#seen) item.impressions++;
    if (this.#seen.length > 0) this.#seen = [];
  }

  /** The entry of an item; `featureIds` is copied when it is new or has changed. */
  entry(domain: number, itemId: string, featureIds: readonly number[]): Item {
    const key = domain === 1 ? `t${itemId}` : `s${itemId}`;
    const known = this.#items.get(key);
    if (known !== undefined && sameIds(known.featureIds, featureIds)) return known;
    const item: Item = {
      serial: this.#nextSerial++,
      domain,
      featureIds: Float64Array.from(featureIds),
      impressions: known?.impressions ?? 0,
      batchStamp: -1,
      batchSlot: -1,
    };
    this.#items.set(key, item);
    return item;
  }

  isNew(item: Item): boolean {
    return item.impressions < this.#newImpressions;
  }

  addImpression(item: Item): void {
    this.#seen.push(item);
  }

  get size(): number {
    return this.#items.size;
  }

  get evicted(): number {
    return this.#items.evicted;
  }

  snapshot(pool: SnapshotPool): StateValue {
    const entries = [...this.#items.entries()];
    return {
      keys: entries.map(([key]) => key),
      items: pool.putItems(entries.map(([, item]) => item)),
      oldSize: this.#items.oldSize,
      evicted: this.#items.evicted,
      nextSerial: this.#nextSerial,
      seen: pool.putItems(this.#seen),
      nowMs: this.#nowMs,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as {
      keys: readonly string[];
      items: Uint32Array;
      oldSize: number;
      evicted: number;
      nextSerial: number;
      seen: Uint32Array;
      nowMs: number;
    };
    this.#items.restore(
      s.keys.map((key, i): [string, Item] => [key, pool.item(s.items[i]!)]),
      s.oldSize,
      s.evicted,
    );
    this.#nextSerial = s.nextSerial;
    this.#seen = pool.items(s.seen);
    this.#nowMs = s.nowMs;
  }
}

function sameIds(a: Float64Array, b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
