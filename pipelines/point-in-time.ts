import {
  type ClickEvent,
  DOMAIN_CODE,
  type Item,
  NAMESPACE,
  type Sample,
  type SnapshotPool,
  type StateValue,
  type TrainingRow,
} from '../src/core/index.js';
import { type FeatureHasher, ItemCatalogue } from '../src/features/index.js';
import { UserHistories } from '../src/history/index.js';
import { LinearPart } from '../src/linear/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../src/statistics/index.js';
import type { FoldOptions } from './fold-options.js';
import { FrontServing } from './front-serving.js';

const NO_CLICKS: readonly Item[] = [];

/** The paper's pure model has no dense inputs. */
const NO_DENSE = new Float32Array(0);

/**
 * What is known of users and items before the newest event time: catalogue, histories, statistics and the linear part.
 * Freezes it into samples; histories and statistics learn from a sample once its label is final, the linear part from rows.
 */
export class PointInTime {
  readonly #options: FoldOptions;
  readonly #hasher: FeatureHasher;
  readonly #shared: ReadonlySet<string>;
  readonly #catalogue: ItemCatalogue;
  readonly #histories: UserHistories;
  readonly #statistics: ClickStatistics | null;
  readonly #linear: LinearPart | null;
  readonly serving: FrontServing;

  constructor(options: FoldOptions, hasher: FeatureHasher) {
    this.#options = options;
    this.#hasher = hasher;
    this.#shared = new Set(options.sharedFeatures);
    this.#catalogue = new ItemCatalogue(options.history.maxItems, options.history.newImpressions);
    this.#histories = new UserHistories(options.history);
    this.#statistics = options.statistics === null ? null : new ClickStatistics(options.statistics);
    this.#linear = options.linear === null ? null : new LinearPart(options.linear);
    this.serving = new FrontServing(this.#statistics, this.#linear?.learner ?? null);
  }

  /** Event time reaches `timeMs`: what happened before it becomes visible. Must not decrease. */
  advance(timeMs: number): void {
    this.#histories.advance(timeMs);
    this.#catalogue.advance(timeMs);
    this.#statistics?.advance(timeMs);
  }

  /** The impression with everything frozen as it was known before it. */
  sampleOf(event: ClickEvent, sequence: number): Sample {
    const domain = DOMAIN_CODE[event.domain];
    const hasher = this.#hasher;
    const userIds = [hasher.id(NAMESPACE.user, 'user', event.userId)];
    for (const { name, values } of event.userFeatures) {
      for (const value of values) userIds.push(hasher.id(NAMESPACE.user, name, value));
    }
    const own = domain === 1 ? NAMESPACE.itemTarget : NAMESPACE.itemSource;
    const itemIds = [hasher.id(own, 'item', event.itemId)];
    for (const { name, values } of event.itemFeatures) {
      const namespace = this.#shared.has(name) ? NAMESPACE.shared : own;
      for (const value of values) itemIds.push(hasher.id(namespace, name, value));
    }
    const item = this.#catalogue.entry(domain, event.itemId, itemIds);
    const user = this.#histories.read(event.userId);
    const dense = this.#readStatistics(domain, userIds, item.featureIds);
    // every field written out: a spread makes objects that are slow to make and to read
    const sample: Sample = {
      sequence: sequence,
      eventId: event.eventId,
      impressionId: event.impressionId,
      eventTimeMs: event.eventTimeMs,
      domain,
      userId: event.userId,
      itemId: event.itemId,
      userFeatureIds: userIds,
      item,
      historyTarget: user.target,
      historySource: this.#options.history.sourceClicks ? user.source : NO_CLICKS,
      coldUser: user.isCold,
      newItem: this.#catalogue.isNew(item),
      dense,
      offset: 0,
      targetOnly: null,
      logit: Number.NaN,
      scoredAtStep: -1,
      label: event.clicked === null ? -1 : event.clicked ? 1 : 0,
      replays: 0,
    };
    // as float32, the precision in which a sample is frozen
    sample.offset = Math.fround(this.linearLogit(sample));
    return sample;
  }

  /** The impression was shown, whatever comes of it. */
  addImpression(sample: Sample): void {
    this.#histories.addImpression(sample.userId, sample.domain);
    this.#catalogue.addImpression(sample.item);
  }

  /** Whether a linear part tells impressions apart, by more than a choice of features. */
  get hasLinear(): boolean {
    return this.#linear !== null && (this.#options.linear?.features ?? null) === null;
  }

  /** Logit of the linear part as it is now, of an impression as it was; 0 without one. */
  linearLogit(sample: Sample): number {
    return this.#linear?.predict(sample, sample.dense) ?? 0;
  }

  /** The linear part learns a row as soon as it enters training. */
  learnRow({ sample, label, weight }: TrainingRow): void {
    this.#linear?.learn(sample, sample.dense, label, weight);
  }

  /** The sample's label has become known at event time `nowMs`. */
  learn(sample: Sample, nowMs: number): void {
    if (sample.label === 1 || !this.#options.history.clickedOnly) {
      this.#histories.addClick(sample.userId, sample.item, nowMs);
    }
    this.#statistics?.update(sample.domain, sample.userFeatureIds, sample.item.featureIds, sample.label === 1);
  }

  get sizes() {
    return {
      users: this.#histories.users,
      items: this.#catalogue.size,
      evictedUsers: this.#histories.evictedUsers,
      evictedItems: this.#catalogue.evicted,
    };
  }

  snapshot(pool: SnapshotPool): Readonly<Record<'catalogue' | 'histories' | 'statistics' | 'linear', StateValue>> {
    return {
      catalogue: this.#catalogue.snapshot(pool),
      histories: this.#histories.snapshot(pool),
      statistics: this.#statistics?.snapshot() ?? null,
      linear: this.#linear?.snapshot() ?? null,
    };
  }

  restore(state: Readonly<Record<string, StateValue>>, pool: SnapshotPool): void {
    this.#catalogue.restore(state['catalogue']!, pool);
    this.#histories.restore(state['histories']!, pool);
    this.#statistics?.restore(state['statistics']!);
    this.#linear?.restore(state['linear']!);
  }

  /** The linear part alone, from `snapshot`. */
  restoreLinear(state: StateValue): void {
    this.#linear?.restore(state);
  }

  #readStatistics(domain: number, userIds: readonly number[], itemIds: Float64Array): Float32Array {
    if (this.#statistics === null) return NO_DENSE;
    const dense = new Float32Array(STATISTICS_COLUMNS.length);
    this.#statistics.read(domain, userIds, itemIds, dense, 0);
    return dense;
  }
}
