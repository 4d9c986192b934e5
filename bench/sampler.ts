import { DOMAIN_CODE, featureId, NAMESPACE, type Ragged, type SampleBatch, SeededRandom } from '../src/core/index.js';

/** Shape of the batches that steps are timed on. */
export interface SamplerOptions {
  readonly size: number;
  /** Longest history, L. */
  readonly historyLength: number;
  /** Mean share of the places of a history that are filled: lengths uniform from 0 on, or, beyond a half, full as often as need be. */
  readonly fill: number;
}

const USERS = 20_000;
const ITEMS = 10_000;
const TARGET_SHARE = 0.3;
const CLICK_RATE = 0.2;

/** Batches of both domains with one id a user and an item; items of either domain by Zipf's law, exponent 1. */
export class BatchSampler {
  readonly #options: SamplerOptions;
  readonly #random: SeededRandom;
  /** [ITEMS] cumulative shares of Zipf's law */
  readonly #cumulative = zipf(ITEMS);

  constructor(options: SamplerOptions, seed: number) {
    this.#options = options;
    this.#random = new SeededRandom(seed, 'sampler');
  }

  next(): SampleBatch {
    const { size } = this.#options;
    const slots = new Map<number, number>();
    const slotOf = (id: number): number => {
      const slot = slots.get(id) ?? slots.size;
      if (slot === slots.size) slots.set(id, slot);
      return slot;
    };
    // one row after the other, as the product's builder numbers items
    const domain = Uint8Array.from({ length: size }, () => +(this.#random.next() < TARGET_SHARE));
    const [candidate, histT, histS] = [new Int32Array(size), lists(), lists()];
    for (let i = 0; i < size; i++) {
      candidate[i] = slotOf(this.#item(domain[i] === DOMAIN_CODE.target ? NAMESPACE.itemTarget : NAMESPACE.itemSource));
      this.#append(histT, () => slotOf(this.#item(NAMESPACE.itemTarget)));
      this.#append(histS, () => slotOf(this.#item(NAMESPACE.itemSource)));
    }
    return {
      size,
      domain,
      label: Float32Array.from({ length: size }, () => +(this.#random.next() < CLICK_RATE)),
      weight: new Float32Array(size).fill(1),
      offset: new Float32Array(size),
      dense: new Float32Array(0),
      denseWidth: 0,
      userSplits: upTo(size),
      userIds: Float64Array.from({ length: size }, () => featureId(NAMESPACE.user, 1 + this.#random.below(USERS))),
      itemSplits: upTo(slots.size),
      itemIds: Float64Array.from(slots.keys()),
      candidate,
      histT: packed(histT),
      histS: packed(histS),
    };
  }

  /** A scoring call: `size` candidates of one user with one pair of histories. */
  nextCandidates(): SampleBatch {
    const { size } = this.#options;
    const batch = this.next();
    const first = ({ splits, items }: Ragged): Ragged => {
      const list = items.subarray(0, splits[1]!);
      const repeated = new Int32Array(size * list.length);
      for (let i = 0; i < size; i++) repeated.set(list, i * list.length);
      return { splits: Int32Array.from({ length: size + 1 }, (_, i) => i * list.length), items: repeated };
    };
    return {
      ...batch,
      domain: new Uint8Array(size).fill(DOMAIN_CODE.target),
      userIds: batch.userIds.fill(batch.userIds[0]!),
      histT: first(batch.histT),
      histS: first(batch.histS),
    };
  }

  #append(to: Lists, item: () => number): void {
    const { historyLength, fill } = this.#options;
    const isFull = fill > 0.5 && this.#random.next() < 2 * fill - 1;
    const longest = Math.round(Math.min(1, 2 * fill) * historyLength);
    const length = isFull ? historyLength : this.#random.below(longest + 1);
    for (let l = 0; l < length; l++) to.items.push(item());
    to.splits.push(to.items.length);
  }

  #item(namespace: number): number {
    const u = this.#random.next();
    let [low, high] = [0, ITEMS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! < u) low = middle + 1;
      else high = middle;
    }
    return featureId(namespace, 1 + low);
  }
}

interface Lists {
  readonly splits: number[];
  readonly items: number[];
}

function lists(): Lists {
  return { splits: [0], items: [] };
}

function packed({ splits, items }: Lists): Ragged {
  return { splits: Int32Array.from(splits), items: Int32Array.from(items) };
}

function upTo(count: number): Int32Array {
  return Int32Array.from({ length: count + 1 }, (_, i) => i);
}

function zipf(count: number): Float64Array {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1);
    cumulative[i] = sum;
  }
  return cumulative.map((x) => x / sum);
}
