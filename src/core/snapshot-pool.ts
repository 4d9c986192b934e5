import type { Item, Sample, TargetOnlyView } from './sample.js';
import type { StateValue } from './stateful.js';

/**
 * Items and samples are shared by reference between the stages of the fold (a sample may wait in the join, in the mixer
 * and in a replay buffer at once). While a snapshot is taken each stage puts its references here and keeps numbers; the
 * pool writes every object once. Restoring goes the other way, so shared objects are shared again.
 */
export class SnapshotPool {
  #items: Item[] = [];
  #itemNumbers = new Map<Item, number>();
  #samples: Sample[] = [];
  #sampleNumbers = new Map<Sample, number>();

  putItem(item: Item): number {
    let number = this.#itemNumbers.get(item);
    if (number === undefined) {
      number = this.#items.length;
      this.#items.push(item);
      this.#itemNumbers.set(item, number);
    }
    return number;
  }

  putItems(items: readonly Item[]): Uint32Array {
    return Uint32Array.from(items, (item) => this.putItem(item));
  }

  putSample(sample: Sample): number {
    let number = this.#sampleNumbers.get(sample);
    if (number === undefined) {
      number = this.#samples.length;
      this.#samples.push(sample);
      this.#sampleNumbers.set(sample, number);
    }
    return number;
  }

  putSamples(samples: Iterable<Sample>): Uint32Array {
    return Uint32Array.from([...samples].map((sample) => this.putSample(sample)));
  }

  item(number: number): Item {
    const item = this.#items[number];
    if (item === undefined) throw new RangeError(`snapshot names item ${number} of ${this.#items.length}`);
    return item;
  }

  items(numbers: Uint32Array): Item[] {
    return Array.from(numbers, (number) => this.item(number));
  }

  sample(number: number): Sample {
    const sample = this.#samples[number];
    if (sample === undefined) throw new RangeError(`snapshot names sample ${number} of ${this.#samples.length}`);
    return sample;
  }

  samples(numbers: Uint32Array): Sample[] {
    return Array.from(numbers, (number) => this.sample(number));
  }

  /** Ends a snapshot: everything put so far as plain data, struct of arrays. */
  encode(): StateValue {
    const samples = this.#samples;
    const denseWidth = samples[0]?.dense.length ?? 0;
    const state = {
      eventIds: samples.map((s) => s.eventId),
      impressionIds: samples.map((s) => s.impressionId),
      userIds: samples.map((s) => s.userId),
      itemIds: samples.map((s) => s.itemId),
      sequence: Float64Array.from(samples, (s) => s.sequence),
      eventTimeMs: Float64Array.from(samples, (s) => s.eventTimeMs),
      flags: Uint8Array.from(samples, (s) => s.domain | (s.coldUser ? 2 : 0) | (s.newItem ? 4 : 0)),
      label: Int32Array.from(samples, (s) => s.label),
      replays: Int32Array.from(samples, (s) => s.replays),
      scoredAtStep: Float64Array.from(samples, (s) => s.scoredAtStep),
      logit: Float64Array.from(samples, (s) => s.logit),
      offset: Float64Array.from(samples, (s) => s.offset),
      item: Uint32Array.from(samples, (s) => this.putItem(s.item)),
      userFeatures: encodeRagged(samples.map((s) => s.userFeatureIds)),
      historyTarget: encodeRagged(samples.map((s) => Float64Array.from(this.putItems(s.historyTarget)))),
      historySource: encodeRagged(samples.map((s) => Float64Array.from(this.putItems(s.historySource)))),
      denseWidth,
      dense: concat(samples.map((s) => s.dense)),
      ...encodeViews(samples, denseWidth),
    };
    const items = this.#items;
    return {
      samples: state,
      items: {
        serial: Float64Array.from(items, (item) => item.serial),
        domain: Uint8Array.from(items, (item) => item.domain),
        impressions: Float64Array.from(items, (item) => item.impressions),
        features: encodeRagged(items.map((item) => item.featureIds)),
      },
    };
  }

  /** Starts a restore from what `encode` returned. */
  static decode(value: StateValue): SnapshotPool {
    const pool = new SnapshotPool();
    const { samples: s, items } = value as unknown as EncodedPool;
    const itemFeatures = decodeRagged(items.features);
    pool.#items = itemFeatures.map((featureIds, i) => ({
      serial: items.serial[i]!,
      domain: items.domain[i]!,
      featureIds,
      impressions: items.impressions[i]!,
      batchStamp: -1,
      batchSlot: -1,
    }));
    const user = decodeRagged(s.userFeatures);
    const target = decodeRagged(s.historyTarget);
    const source = decodeRagged(s.historySource);
    pool.#samples = s.eventIds.map((eventId, i) => ({
      sequence: s.sequence[i]!,
      eventId,
      impressionId: s.impressionIds[i]!,
      eventTimeMs: s.eventTimeMs[i]!,
      domain: s.flags[i]! & 1,
      userId: s.userIds[i]!,
      itemId: s.itemIds[i]!,
      userFeatureIds: Array.from(user[i]!),
      item: pool.item(s.item[i]!),
      historyTarget: Array.from(target[i]!, (n) => pool.item(n)),
      historySource: Array.from(source[i]!, (n) => pool.item(n)),
      coldUser: (s.flags[i]! & 2) !== 0,
      newItem: (s.flags[i]! & 4) !== 0,
      dense: s.dense.slice(i * s.denseWidth, (i + 1) * s.denseWidth),
      offset: s.offset[i]!,
      targetOnly: viewOf(s, i),
      logit: s.logit[i]!,
      scoredAtStep: s.scoredAtStep[i]!,
      label: s.label[i]!,
      replays: s.replays[i]!,
    }));
    return pool;
  }
}

interface EncodedRagged {
  readonly lengths: Uint32Array;
  readonly values: Float64Array;
}

interface EncodedPool {
  readonly samples: {
    readonly eventIds: readonly string[];
    readonly impressionIds: readonly string[];
    readonly userIds: readonly string[];
    readonly itemIds: readonly string[];
    readonly sequence: Float64Array;
    readonly eventTimeMs: Float64Array;
    readonly flags: Uint8Array;
    readonly label: Int32Array;
    readonly replays: Int32Array;
    readonly scoredAtStep: Float64Array;
    readonly logit: Float64Array;
    readonly offset: Float64Array;
    readonly item: Uint32Array;
    readonly userFeatures: EncodedRagged;
    readonly historyTarget: EncodedRagged;
    readonly historySource: EncodedRagged;
    readonly denseWidth: number;
    readonly dense: Float32Array;
    /** NaN offsets: samples without a view. */
    readonly views?: {
      readonly offset: Float64Array;
      readonly logitWith: Float64Array;
      readonly logitWithout: Float64Array;
      readonly dense: Float32Array;
    };
  };
  readonly items: {
    readonly serial: Float64Array;
    readonly domain: Uint8Array;
    readonly impressions: Float64Array;
    readonly features: EncodedRagged;
  };
}

/** Views of the target alone, where any sample has one. */
function encodeViews(samples: readonly Sample[], denseWidth: number): { readonly views?: StateValue } {
  if (samples.every(({ targetOnly }) => targetOnly === null)) return {};
  const column = (of: (view: TargetOnlyView) => number) =>
    Float64Array.from(samples, ({ targetOnly }) => (targetOnly === null ? Number.NaN : of(targetOnly)));
  const none = new Float32Array(denseWidth);
  return {
    views: {
      offset: column(({ offset }) => offset),
      logitWith: column(({ logitWith }) => logitWith),
      logitWithout: column(({ logitWithout }) => logitWithout),
      dense: concat(samples.map(({ targetOnly }) => targetOnly?.dense ?? none)),
    },
  };
}

function viewOf({ views, denseWidth }: EncodedPool['samples'], i: number): TargetOnlyView | null {
  if (views === undefined || Number.isNaN(views.offset[i])) return null;
  return {
    dense: views.dense.slice(i * denseWidth, (i + 1) * denseWidth),
    offset: views.offset[i]!,
    logitWith: views.logitWith[i]!,
    logitWithout: views.logitWithout[i]!,
  };
}

function encodeRagged(lists: readonly ArrayLike<number>[]): { lengths: Uint32Array; values: Float64Array } {
  const lengths = Uint32Array.from(lists, (list) => list.length);
  const values = new Float64Array(lengths.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (const list of lists) {
    values.set(list, at);
    at += list.length;
  }
  return { lengths, values };
}

function decodeRagged({ lengths, values }: EncodedRagged): Float64Array[] {
  let at = 0;
  return Array.from(lengths, (n) => {
    const list = values.slice(at, at + n);
    at += n;
    return list;
  });
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
