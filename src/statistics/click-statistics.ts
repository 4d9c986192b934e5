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

/** The dense columns, in order: for each key its click rate as logit / 2, then its impressions as ln(1 + n) / 4. */
export const STATISTICS_COLUMNS: readonly string[] = COUNTED.flatMap((name) => [`${name}.rate`, `${name}.count`]);

/** Weight of the running label mean in a smoothed rate, in impressions. */
const PRIOR = 5;

/**
 * Point-in-time click counters: impressions n and positives of the user, the user in the row's domain, the
 * item, the user with each attribute of the item, and each attribute. The rate is (positives + 5 g) / (n + 5), g the
 * running mean of all labels. What an event adds is visible to events of strictly greater time only.
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
    this.#pending.drain((key, positive) => {
      if (key === 0) {
        this.#labels++;
        this.#positives += positive;
      } else {
        this.#table.add(key, 1, positive, this.#nowMs);
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
    this.#start();
    this.#add(user);
    this.#write(into, offset, 1);
    this.#add(pairKey(user, domain + 1));
    this.#write(into, offset + 2, 1);
    this.#add(itemIds[0]!);
    this.#write(into, offset + 4, 1);
    const attributes = itemIds.length - 1;
    for (let i = 1; i <= attributes; i++) this.#add(pairKey(user, itemIds[i]!));
    this.#write(into, offset + 6, attributes);
    for (let i = 1; i <= attributes; i++) this.#add(itemIds[i]!);
    this.#write(into, offset + 8, attributes);
  }

  /** Counts the row and its final label, for events after the time reached. */
  update(domain: number, userIds: ArrayLike<number>, itemIds: ArrayLike<number>, clicked: boolean): void {
    const user = userIds[0]!;
    const positive = clicked ? 1 : 0;
    const pending = this.#pending;
    pending.add(0, positive);
    pending.add(user, positive);
    pending.add(pairKey(user, domain + 1), positive);
    pending.add(itemIds[0]!, positive);
    for (let i = 1; i < itemIds.length; i++) {
      pending.add(pairKey(user, itemIds[i]!), positive);
      pending.add(itemIds[i]!, positive);
    }
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

  #add(key: number): void {
    const table = this.#table;
    table.lookUp(key, this.#nowMs);
    const rate = (table.positives + (PRIOR * this.#positives) / this.#labels) / (table.impressions + PRIOR);
    this.#rate += Math.log(rate / (1 - rate)) / 2;
    this.#count += Math.log1p(table.impressions) / 4;
  }

  /** The mean of the `n` keys added since the last write; without any, of a key never seen. */
  #write(into: Float32Array, at: number, n: number): void {
    if (n === 0) {
      const mean = this.#positives / this.#labels;
      into[at] = Math.log(mean / (1 - mean)) / 2;
      into[at + 1] = 0;
    } else {
      into[at] = this.#rate / n;
      into[at + 1] = this.#count / n;
    }
    this.#start();
  }
}
