import type { Serving, ServingPart, Stateful, StateValue } from '../core/index.js';
import { CounterTable } from './counter-table.js';
import { pairKey } from './pair-key.js';
import { PendingUpdates } from './pending-updates.js';
import { servingCounts } from './serving-counts.js';

export interface ClickStatisticsOptions {
  /** Keys remembered; about 43 bytes each. */
  readonly maxKeys: number;
  /** Counts halve in so much event time; null: they never do. */
  readonly halfLifeMs: number | null;
}

/** What is counted, in the order of the columns; of several attributes the mean of their columns is taken. */
const COUNTED = ['user', 'userDomain', 'item', 'userAttribute', 'attribute'] as const;

/** What is counted with a memory of few impressions; `attributeItem` are the user's attributes, each with the item. */
const RECENT = ['user', 'item', 'attributeItem'] as const;

/**
 * The dense columns, in order: for each key its click rate as logit / 2, then its impressions as ln(1 + n) / 4; then the
 * recent click rates as logit / 2.
 */
export const STATISTICS_COLUMNS: readonly string[] = [
  ...COUNTED.flatMap((name) => [`${name}.rate`, `${name}.count`]),
  ...RECENT.map((name) => `${name}.recent`),
];

/** Weight of the running label mean in a smoothed rate, in impressions. */
const PRIOR = 5;
const RECENT_PRIOR = 2;

/** What a new impression leaves of the earlier ones in recent counts: memories of 5 and of 20 impressions. */
const USER_KEPT = 1 - 1 / 5;
const ITEM_KEPT = 1 - 1 / 20;

/** Beside `domain + 1` in the keys of pairs. */
const RECENT_SALT = 3;

/**
 * Point-in-time click counters: impressions n and positives of the user, the user in the row's domain, the
 * item, the user with each attribute of the item, and each attribute. The rate is (positives + 5 g) / (n + 5), g the
 * running mean of all labels. Recent rates fade with every impression of their key, whatever the clock says, and are
 * (positives + 2 g) / (n + 2). What an event adds is visible to events of strictly greater time only.
 */
export class ClickStatistics implements Serving, Stateful {
  readonly #options: ClickStatisticsOptions;
  #table: CounterTable;
  readonly #pending = new PendingUpdates();
  #nowMs = Number.NEGATIVE_INFINITY;
  /** Labels seen, starting from one of each. */
  #labels = 2;
  #positives = 1;
  #rate = 0;
  #count = 0;
  /** Event time of the last published version and the keys forgotten by then; null where not known. */
  #published: { readonly timeMs: number; readonly evicted: number } | null = null;

  constructor(options: ClickStatisticsOptions) {
    this.#options = options;
    this.#table = new CounterTable(options.maxKeys, options.halfLifeMs);
  }

  get keys(): number {
    return this.#table.size;
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  /** Updates of earlier times are visible from now on. Must not decrease. */
  advance(timeMs: number): void {
    if (timeMs <= this.#nowMs) return;
    this.#pending.drain((key, positive, kept) => {
      if (key === 0) {
        this.#labels++;
        this.#positives += positive;
      } else {
        this.#table.add(key, positive, this.#nowMs, kept);
      }
    });
    this.#nowMs = timeMs;
  }

  /** Writes the row's columns (`STATISTICS_COLUMNS`) from `offset` on. `userIds`, `itemIds`: the id itself, then attributes. */
  read(
    domain: number,
    userIds: ArrayLike<number>,
    itemIds: ArrayLike<number>,
    into: Float32Array,
    offset: number,
  ): void {
    const user = userIds[0]!;
    const item = itemIds[0]!;
    this.#start();
    this.#add(user, PRIOR);
    this.#write(into, offset, 1);
    this.#add(pairKey(user, domain + 1), PRIOR);
    this.#write(into, offset + 2, 1);
    this.#add(item, PRIOR);
    this.#write(into, offset + 4, 1);
    const attributes = itemIds.length - 1;
    for (let i = 1; i <= attributes; i++) this.#add(pairKey(user, itemIds[i]!), PRIOR);
    this.#write(into, offset + 6, attributes);
    for (let i = 1; i <= attributes; i++) this.#add(itemIds[i]!, PRIOR);
    this.#write(into, offset + 8, attributes);
    this.#add(pairKey(user, RECENT_SALT), RECENT_PRIOR);
    this.#writeRate(into, offset + 10, 1);
    this.#add(pairKey(item, RECENT_SALT), RECENT_PRIOR);
    this.#writeRate(into, offset + 11, 1);
    for (let i = 1; i < userIds.length; i++) this.#add(pairKey(userIds[i]!, item), RECENT_PRIOR);
    this.#writeRate(into, offset + 12, userIds.length - 1);
  }

  /** Counts the row and its final label, for events after the time reached. */
  update(domain: number, userIds: ArrayLike<number>, itemIds: ArrayLike<number>, clicked: boolean): void {
    const user = userIds[0]!;
    const positive = clicked ? 1 : 0;
    const item = itemIds[0]!;
    const pending = this.#pending;
    pending.add(0, positive, 1);
    pending.add(user, positive, 1);
    pending.add(pairKey(user, domain + 1), positive, 1);
    pending.add(item, positive, 1);
    for (let i = 1; i < itemIds.length; i++) {
      pending.add(pairKey(user, itemIds[i]!), positive, 1);
      pending.add(itemIds[i]!, positive, 1);
    }
    pending.add(pairKey(user, RECENT_SALT), positive, USER_KEPT);
    pending.add(pairKey(item, RECENT_SALT), positive, ITEM_KEPT);
    for (let i = 1; i < userIds.length; i++) pending.add(pairKey(userIds[i]!, item), positive, ITEM_KEPT);
  }

  /**
   * `statistics`: key -> `impressions`, `positives`, `changed_ms`; the tensor `labels` holds labels and
   * positives of all rows. As events after the time reached will see them.
   */
  serving(whole: string | null): ServingPart {
    const wholeBecause = whole ?? this.#unknownBecause();
    const sinceMs = wholeBecause === null ? this.#published!.timeMs : Number.NEGATIVE_INFINITY;
    const { counts, labels, positives } = servingCounts(this.#table, this.#pending, sinceMs, this.#nowMs);
    const data = Float64Array.of(this.#labels + labels, this.#positives + positives);
    return { tensors: [{ name: 'labels', shape: [2], data }], tables: [counts], wholeBecause };
  }

  published(): void {
    this.#published = { timeMs: this.#nowMs, evicted: this.#table.evicted };
  }

  /** Takes in a version's part, instead of learning: for scoring only. */
  apply({ tensors, tables, wholeBecause }: ServingPart): void {
    const table = tables.find(({ name }) => name === 'statistics')!;
    const labels = tensors.find(({ name }) => name === 'labels')!.data;
    this.#labels = labels[0]!;
    this.#positives = labels[1]!;
    if (wholeBecause !== null) this.#table = new CounterTable(this.#options.maxKeys, this.#options.halfLifeMs);
    const [impressions, positives, changedMs] = table.columns.map(({ data }) => data);
    for (let i = 0; i < table.ids.length; i++) {
      this.#table.put(table.ids[i]!, impressions![i]!, positives![i]!, changedMs![i]!);
    }
  }

  /** What `serving` knows of changes: no part of any digest. */
  snapshotPublishing(): StateValue {
    return this.#published === null ? null : { ...this.#published };
  }

  restorePublishing(state: StateValue): void {
    this.#published = state as { timeMs: number; evicted: number } | null;
  }

  #unknownBecause(): string | null {
    if (this.#published === null) return 'nothing was published before';
    return this.#published.evicted === this.#table.evicted ? null : 'statistics forgot their oldest keys';
  }

  snapshot(): StateValue {
    return {
      table: this.#table.snapshot(),
      pending: this.#pending.snapshot(),
      nowMs: this.#nowMs,
      labels: this.#labels,
      positives: this.#positives,
    };
  }

  restore(state: StateValue): void {
    const s = state as { table: StateValue; pending: StateValue; nowMs: number; labels: number; positives: number };
    this.#table.restore(s.table);
    this.#pending.restore(s.pending);
    this.#nowMs = s.nowMs;
    this.#labels = s.labels;
    this.#positives = s.positives;
  }

  #start(): void {
    this.#rate = 0;
    this.#count = 0;
  }

  #add(key: number, prior: number): void {
    const table = this.#table;
    table.lookUp(key, this.#nowMs);
    const rate = (table.positives + (prior * this.#positives) / this.#labels) / (table.impressions + prior);
    this.#rate += Math.log(rate / (1 - rate)) / 2;
    this.#count += Math.log1p(table.impressions) / 4;
  }

  /** The mean of the `n` keys added since the last write; without any, of a key never seen. */
  #write(into: Float32Array, at: number, n: number): void {
    into[at + 1] = n === 0 ? 0 : this.#count / n;
    this.#writeRate(into, at, n);
  }

  #writeRate(into: Float32Array, at: number, n: number): void {
    const mean = this.#positives / this.#labels;
    into[at] = n === 0 ? Math.log(mean / (1 - mean)) / 2 : this.#rate / n;
    this.#start();
  }
}
