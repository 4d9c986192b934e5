import { featureId, NAMESPACE, type Ragged, type SampleBatch, SeededRandom } from '../src/core/index.js';

/** What a stretch of the stream does to the learner. */
export const HOSTILITIES = [
  'flipped labels',
  'target only',
  'source only',
  'clicks only',
  'no clicks',
  'feature flood',
  'repeated ids',
  'new ids only',
  'weights of 0 and 1000',
  'weights beyond float32',
  'offsets of 40',
] as const;
/** `peace` is the stream as it should be. */
export type Hostility = (typeof HOSTILITIES)[number] | 'peace';

const USERS = 400;
const ITEMS = 200;
const FLOOD_IDS = 200;
const FLOOD_ITEM_IDS = 20;
const HISTORY = 4;
const TARGET_SHARE = 0.4;

/**
 * Batches of both domains whose clicks follow a hidden quality of the item, log-odds -2 or 1, and what goes wrong with
 * such batches in the field, many times over.
 */
export class HostileStream {
  readonly #random: SeededRandom;
  readonly #size: number;
  #strangers = 0;

  constructor(seed: number, size: number) {
    this.#random = new SeededRandom(seed, 'hostile');
    this.#size = size;
  }

  next(hostility: Hostility): SampleBatch {
    const random = this.#random;
    const size = this.#size;
    const domain = Uint8Array.from({ length: size }, () => this.#domain(hostility));
    const items = new ItemList((code, n) => this.#itemIds(hostility, code, n));
    const candidate = new Int32Array(size);
    const label = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const n = random.below(ITEMS);
      candidate[i] = items.place(domain[i]!, n);
      label[i] = this.#label(hostility, domain[i]!, n);
    }
    const users = lists(Array.from({ length: size }, () => this.#ids(hostility, NAMESPACE.user, random.below(USERS))));
    const histT = this.#histories(items, 1);
    const histS = this.#histories(items, 0);
    const itemIds = lists(items.ids);
    return {
      size,
      domain,
      label,
      weight: Float32Array.from({ length: size }, () => this.#weight(hostility)),
      offset: new Float32Array(size).map(() => (hostility === 'offsets of 40' ? 80 * random.below(2) - 40 : 0)),
      dense: new Float32Array(0),
      denseWidth: 0,
      userSplits: users.splits,
      userIds: users.values,
      itemSplits: itemIds.splits,
      itemIds: itemIds.values,
      candidate,
      histT,
      histS,
    };
  }

  #domain(hostility: Hostility): 0 | 1 {
    if (hostility === 'target only') return 1;
    if (hostility === 'source only') return 0;
    return this.#random.next() < TARGET_SHARE ? 1 : 0;
  }

  #label(hostility: Hostility, domain: number, item: number): 0 | 1 {
    const good = (Math.imul(item + 1 + domain, 0x9e3779b1) >>> 31) as 0 | 1;
    const clicked = this.#random.next() < 1 / (1 + Math.exp(good === 1 ? -1 : 2)) ? 1 : 0;
    if (hostility === 'clicks only') return 1;
    if (hostility === 'no clicks') return 0;
    return hostility === 'flipped labels' ? (clicked === 1 ? 0 : 1) : clicked;
  }

  #weight(hostility: Hostility): number {
    if (hostility === 'weights of 0 and 1000') return 1000 * this.#random.below(2);
    return hostility === 'weights beyond float32' ? 1e30 : 1;
  }

  #itemIds(hostility: Hostility, domain: number, item: number): number[] {
    const ids = this.#ids(hostility, domain === 1 ? NAMESPACE.itemTarget : NAMESPACE.itemSource, item);
    return [...ids, featureId(NAMESPACE.shared, 1 + (item % 10))];
  }

  #ids(hostility: Hostility, namespace: number, n: number): number[] {
    const id = featureId(namespace, 1 + n);
    const many = namespace === NAMESPACE.user ? FLOOD_IDS : FLOOD_ITEM_IDS;
    if (hostility === 'feature flood') {
      return Array.from({ length: many }, () => featureId(namespace, 1 + this.#random.below(10_000)));
    }
    if (hostility === 'repeated ids') return new Array<number>(many).fill(id);
    if (hostility === 'new ids only') return [featureId(namespace, 1_000_000 + this.#strangers++)];
    return [id];
  }

  #histories(items: ItemList, domain: 0 | 1): Ragged {
    const lengths = Array.from({ length: this.#size }, () => this.#random.below(HISTORY + 1));
    const places = lengths.flatMap((length) =>
      Array.from({ length }, () => items.place(domain, this.#random.below(ITEMS))),
    );
    return { splits: splitsOf(lengths), items: Int32Array.from(places) };
  }
}

/** The distinct items of one batch. */
class ItemList {
  readonly ids: number[][] = [];
  readonly #places = new Map<number, number>();
  readonly #idsOf: (domain: number, item: number) => number[];

  constructor(idsOf: (domain: number, item: number) => number[]) {
    this.#idsOf = idsOf;
  }

  place(domain: number, item: number): number {
    const key = 2 * item + domain;
    const found = this.#places.get(key);
    if (found !== undefined) return found;
    this.#places.set(key, this.ids.length);
    return this.ids.push(this.#idsOf(domain, item)) - 1;
  }
}

function splitsOf(lengths: readonly number[]): Int32Array {
  const splits = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    splits[i + 1] = splits[i]! + length;
  });
  return splits;
}

function lists(ids: readonly (readonly number[])[]): { splits: Int32Array; values: Float64Array } {
  return { splits: splitsOf(ids.map(({ length }) => length)), values: Float64Array.from(ids.flat()) };
}
