import { GenerationalMap, type Item, type SnapshotPool, type StateValue } from '../core/index.js';

/**
 * Items by domain and id, each with its feature ids stored once. An item whose features change gets a new entry; what
 * was frozen before keeps the old one. Bounded, least recently seen first.
 */
export class ItemCatalogue {
  /** By domain code. */
  readonly #items: readonly [source: GenerationalMap<Item>, target: GenerationalMap<Item>];
  readonly #newImpressions: number;
  #nextSerial = 0;
  #seen: Item[] = [];
  #nowMs = Number.NEGATIVE_INFINITY;

  /** `maxItems` a domain; `newImpressions`: an item with fewer earlier impressions counts as new. */
  constructor(maxItems: number, newImpressions: number) {
    this.#items = [new GenerationalMap(maxItems), new GenerationalMap(maxItems)];
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
    const items = domain === 1 ? this.#items[1] : this.#items[0];
    const known = items.get(itemId);
    if (known !== undefined && sameIds(known.featureIds, featureIds)) return known;
    const item: Item = {
      serial: this.#nextSerial++,
      domain,
      featureIds: Float64Array.from(featureIds),
      impressions: known?.impressions ?? 0,
      batchStamp: -1,
      batchSlot: -1,
    };
    items.set(itemId, item);
    return item;
  }

  isNew(item: Item): boolean {
    return item.impressions < this.#newImpressions;
  }

  addImpression(item: Item): void {
    this.#seen.push(item);
  }

  get size(): number {
    return this.#items[0].size + this.#items[1].size;
  }

  get evicted(): number {
    return this.#items[0].evicted + this.#items[1].evicted;
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      domains: this.#items.map((items) => {
        const entries = [...items.entries()];
        return {
          ids: entries.map(([id]) => id),
          items: pool.putItems(entries.map(([, item]) => item)),
          oldSize: items.oldSize,
          evicted: items.evicted,
        };
      }),
      nextSerial: this.#nextSerial,
      seen: pool.putItems(this.#seen),
      nowMs: this.#nowMs,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as CatalogueState;
    for (const [domain, items] of this.#items.entries()) {
      const { ids, items: numbers, oldSize, evicted } = s.domains[domain]!;
      items.restore(
        ids.map((id, i): [string, Item] => [id, pool.item(numbers[i]!)]),
        oldSize,
        evicted,
      );
    }
    this.#nextSerial = s.nextSerial;
    this.#seen = pool.items(s.seen);
    this.#nowMs = s.nowMs;
  }
}

interface CatalogueState {
  readonly domains: readonly { ids: readonly string[]; items: Uint32Array; oldSize: number; evicted: number }[];
  readonly nextSerial: number;
  readonly seen: Uint32Array;
  readonly nowMs: number;
}

function sameIds(a: Float64Array, b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
