import { buildBatch, Mixer, type MixerOptions } from '../src/batching/index.js';
import { RunningDigest } from '../src/checkpoint/index.js';
import {
  type ClickEvent,
  DOMAIN_CODE,
  domainOf,
  type Item,
  NAMESPACE,
  type Sample,
  type SampleBatch,
  SnapshotPool,
  type StateValue,
  type StepReport,
} from '../src/core/index.js';
import { Evaluation, type EvaluationOptions, type EvaluationSummary } from '../src/evaluation/index.js';
import { type FeatureHasher, ItemCatalogue } from '../src/features/index.js';
import { type HistoryOptions, UserHistories } from '../src/history/index.js';
import { LabelJoin, type LabelJoinOptions } from '../src/join/index.js';
import {
  fillLinearFeatures,
  LinearFeatures,
  type LinearLearner,
  type LinearLearnerOptions,
  linearLearner,
} from '../src/linear/index.js';
import { DuplicateFilter, type PlacedEvent, PositionLedger } from '../src/ordering/index.js';
import { ClickStatistics, type ClickStatisticsOptions, STATISTICS_COLUMNS } from '../src/statistics/index.js';

export interface FoldOptions {
  readonly history: HistoryOptions & {
    /** Histories of clicked items only; otherwise of all impressions. */
    readonly clickedOnly: boolean;
    /** Samples show the user's clicks of the source domain. */
    readonly sourceClicks: boolean;
    readonly maxItems: number;
    /** An item with fewer earlier impressions is new. */
    readonly newImpressions: number;
  };
  readonly join: LabelJoinOptions;
  readonly batching: MixerOptions;
  readonly evaluation: EvaluationOptions;
  /** Item features whose vocabulary both domains share. */
  readonly sharedFeatures: readonly string[];
  readonly dedupWindowMs: number;
  /** Point-in-time click counters as inputs; null: the paper's pure model. */
  readonly statistics: ClickStatisticsOptions | null;
  /** The linear part whose logit is the model's offset; null: none. */
  readonly linear: LinearLearnerOptions | null;
}

/** What the learner does next: score the impressions since the last turn, judge the labels that matured, take a step. */
export interface Turn {
  readonly number: number;
  /** Events folded so far. */
  readonly events: number;
  readonly score: readonly Sample[];
  readonly matured: readonly Sample[];
  readonly train: readonly Sample[];
  readonly eventTimeMs: number;
}

/** A turn's batches, ready for the learner's thread. */
export interface TurnBatches {
  readonly score: SampleBatch | null;
  readonly train: SampleBatch | null;
}

export interface FoldSnapshot {
  readonly state: StateValue;
  readonly positions: StateValue;
}

interface FoldCounts {
  events: number;
  samples: number;
  deadLetters: number;
  late: number;
  /** Impressions whose id was waiting for its label already. */
  repeatedImpressions: number;
}

const NO_CLICKS: readonly Item[] = [];

/** The paper's pure model has no dense inputs. */
const NO_DENSE = new Float32Array(0);

/** Impressions scored in one call when no step comes due between them (labels all delayed). */
const MAX_SCORE_ROWS = 4096;

/**
 * The user-keyed front half and the evaluation: everything of the fold that is not the learner (architecture, section 2).
 * Takes events in canonical order, reads no clock, and gives the turns of the learner.
 *
 * The way of one event: window -> sample -> (join) -> label -> mix. A label never reaches the mixer before its sample
 * stands in a turn to be scored, so every row is scored before it is learned from.
 */
export class Fold {
  readonly positions = new PositionLedger();
  readonly evaluation: Evaluation;
  readonly #options: FoldOptions;
  readonly #hasher: FeatureHasher;
  readonly #shared: ReadonlySet<string>;
  /** By domain code: two logs that both number from 1 share no ids. */
  readonly #duplicates: readonly [source: DuplicateFilter, target: DuplicateFilter];
  readonly #catalogue: ItemCatalogue;
  readonly #histories: UserHistories;
  readonly #join: LabelJoin;
  readonly #mixer: Mixer;
  readonly #statistics: ClickStatistics | null;
  readonly #linear: LinearLearner | null;
  readonly #linearFeatures = new LinearFeatures();
  readonly #digest = new RunningDigest();
  #score: Sample[] = [];
  #matured: Sample[] = [];
  #unreported: Sample[] = [];
  /** Those of `#unreported`, or still to come there, whose label will never be known. */
  #givenUp = new Set<Sample>();
  #turn = 0;
  #steps = 0;
  #nowMs = Number.NEGATIVE_INFINITY;
  #counts: FoldCounts = { events: 0, samples: 0, deadLetters: 0, late: 0, repeatedImpressions: 0 };

  constructor(options: FoldOptions, hasher: FeatureHasher) {
    this.#options = options;
    this.#hasher = hasher;
    this.#shared = new Set(options.sharedFeatures);
    this.#duplicates = [new DuplicateFilter(options.dedupWindowMs), new DuplicateFilter(options.dedupWindowMs)];
    this.#catalogue = new ItemCatalogue(options.history.maxItems, options.history.newImpressions);
    this.#histories = new UserHistories(options.history);
    this.#join = new LabelJoin(options.join);
    this.#mixer = new Mixer(options.batching);
    this.#statistics = options.statistics === null ? null : new ClickStatistics(options.statistics);
    this.#linear = options.linear === null ? null : linearLearner(options.linear);
    this.evaluation = new Evaluation(options.evaluation);
  }

  /** Folds one event; returns the turns that came due, usually none. */
  accept({ event, partition, position }: PlacedEvent): Turn[] {
    const turns: Turn[] = [];
    const nowMs = event.eventTimeMs;
    this.positions.done(partition, position, nowMs);
    this.#counts.events++;
    this.#nowMs = nowMs;
    this.#histories.advance(nowMs);
    this.#catalogue.advance(nowMs);
    this.#statistics?.advance(nowMs);
    this.#join.advance(nowMs, (sample) => this.#mature(sample, turns));
    if (this.#mixer.isOverdue(nowMs)) turns.push(this.#makeTurn());
    // a row number makes an event unique by itself; only logs with ids can repeat one
    if (event.row >= 0 || this.#duplicates[DOMAIN_CODE[event.domain]].isNew(event.eventId, nowMs))
      this.#take(event, turns);
    return turns;
  }

  /** A record that could not be decoded, or came too late: counted, never learned from. */
  reject(partition: number, position: bigint, isLate: boolean): void {
    this.positions.done(partition, position, Number.NEGATIVE_INFINITY);
    this.#counts.deadLetters++;
    if (isLate) this.#counts.late++;
  }

  /**
   * The end of a bounded log: scores and judges what is left, impressions without a click as negatives; trains nothing.
   * Feeds this run's summary only, so a checkpoint is taken before it.
   */
  flush(): Turn {
    this.#join.advance(Number.POSITIVE_INFINITY, (sample) => this.#matured.push(sample));
    return { ...this.#makeTurn(), train: [] };
  }

  batches(turn: Turn): TurnBatches {
    return {
      score: turn.score.length > 0 ? buildBatch(turn.score) : null,
      train: turn.train.length > 0 ? buildBatch(turn.train) : null,
    };
  }

  /**
   * The learner has done a turn: judge what matured, then count the step. Called in the order of the turns.
   * Returns the scored impressions whose label is known and all before them, in scoring order: the predictions to report.
   */
  settle(turn: Turn, logits: Float32Array, report: StepReport | null): Sample[] {
    for (let i = 0; i < turn.score.length; i++) {
      const sample = turn.score[i]!;
      sample.logit = logits[i]!;
      sample.scoredAtStep = this.#steps;
      this.#unreported.push(sample);
    }
    for (const sample of turn.matured) {
      this.evaluation.update(domainOf(sample.domain), {
        logit: sample.logit,
        label: sample.label === 1 ? 1 : 0,
        eventTimeMs: sample.eventTimeMs,
        coldUser: sample.coldUser,
        newItem: sample.newItem,
      });
    }
    if (report !== null) this.#steps = report.step;
    this.#digest.add(
      Float64Array.of(turn.number, turn.score.length, turn.matured.length, turn.train.length),
      logits,
      Float64Array.from(turn.matured, (sample) => sample.sequence * 2 + sample.label),
      report === null ? new Float64Array(0) : Float64Array.of(report.step, report.lossLabel, report.reversal),
    );
    return this.#takeReportable();
  }

  get steps(): number {
    return this.#steps;
  }

  /** Event time reached, ms; null before the first event. */
  get eventTimeMs(): number | null {
    return Number.isFinite(this.#nowMs) ? this.#nowMs : null;
  }

  get counts() {
    const { repeatedImpressions, ...counts } = this.#counts;
    return {
      ...counts,
      duplicates: this.#duplicates[0].dropped + this.#duplicates[1].dropped + repeatedImpressions,
      orphanClicks: this.#join.orphanClicks,
      labelsGivenUp: this.#join.givenUp,
    };
  }

  /** Sizes of what the fold keeps, for gauges. */
  get sizes() {
    return {
      users: this.#histories.users,
      items: this.#catalogue.size,
      waitingForLabel: this.#join.pending,
      waitingForStep: this.#mixer.waiting,
      evictedUsers: this.#histories.evictedUsers,
      evictedItems: this.#catalogue.evicted,
    };
  }

  summary(): EvaluationSummary {
    return this.evaluation.summary();
  }

  #take(event: ClickEvent, turns: Turn[]): void {
    if (event.kind === 'click') {
      const sample = this.#join.addClick(DOMAIN_CODE[event.domain], event.impressionId, event.eventTimeMs);
      if (sample !== null) this.#mature(sample, turns);
      return;
    }
    if (event.clicked === null && this.#join.isWaiting(DOMAIN_CODE[event.domain], event.impressionId)) {
      this.#counts.repeatedImpressions++;
      return;
    }
    const sample = this.#sampleOf(event);
    this.#score.push(sample);
    this.#histories.addImpression(sample.userId, sample.domain);
    this.#catalogue.addImpression(sample.item);
    if (sample.label >= 0 || this.#join.addImpression(sample, this.#giveUp)) this.#mature(sample, turns);
    if (this.#score.length >= MAX_SCORE_ROWS) turns.push({ ...this.#scoreOnly(), train: [] });
  }

  /** The label is known: judge it, learn from it, show it to later impressions of the user. */
  #mature(sample: Sample, turns: Turn[]): void {
    this.#matured.push(sample);
    if (sample.label === 1 || !this.#options.history.clickedOnly) {
      this.#histories.addClick(sample.userId, sample.item, this.#nowMs);
    }
    this.#statistics?.update(sample.domain, sample.userFeatureIds, sample.item.featureIds, sample.label === 1);
    if (this.#linear !== null) {
      fillLinearFeatures(this.#linearFeatures, sample, sample.dense);
      this.#linear.learn(this.#linearFeatures, sample.label, 1);
    }
    this.#mixer.add(sample, this.#nowMs);
    if (this.#mixer.isFull) turns.push(this.#makeTurn());
  }

  readonly #giveUp = (sample: Sample): void => {
    this.#givenUp.add(sample);
  };

  #takeReportable(): Sample[] {
    const reportable: Sample[] = [];
    let done = 0;
    for (; done < this.#unreported.length; done++) {
      const sample = this.#unreported[done]!;
      if (sample.label >= 0) reportable.push(sample);
      else if (!this.#givenUp.delete(sample)) break;
    }
    this.#unreported.splice(0, done);
    return reportable;
  }

  #makeTurn(): Turn {
    return { ...this.#scoreOnly(), train: this.#mixer.take() };
  }

  #scoreOnly(): Omit<Turn, 'train'> {
    const turn = {
      number: this.#turn++,
      events: this.#counts.events,
      score: this.#score,
      matured: this.#matured,
      eventTimeMs: this.#nowMs,
    };
    this.#score = [];
    this.#matured = [];
    return turn;
  }

  #sampleOf(event: ClickEvent): Sample {
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
      sequence: this.#counts.samples++,
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
      logit: Number.NaN,
      scoredAtStep: -1,
      label: event.clicked === null ? -1 : event.clicked ? 1 : 0,
      replays: 0,
    };
    if (this.#linear !== null) {
      fillLinearFeatures(this.#linearFeatures, sample, dense);
      // as float32, the precision in which a sample is frozen
      sample.offset = Math.fround(this.#linear.predict(this.#linearFeatures));
    }
    return sample;
  }

  #readStatistics(domain: number, userIds: readonly number[], itemIds: Float64Array): Float32Array {
    if (this.#statistics === null) return NO_DENSE;
    const dense = new Float32Array(STATISTICS_COLUMNS.length);
    this.#statistics.read(domain, userIds, itemIds, dense, 0);
    return dense;
  }

  /** `positions` stand apart: digests leave them out. Taken when every turn given out has been settled. */
  snapshot(): FoldSnapshot {
    const pool = new SnapshotPool();
    const stages = {
      duplicates: this.#duplicates.map((filter) => filter.snapshot()),
      catalogue: this.#catalogue.snapshot(pool),
      histories: this.#histories.snapshot(pool),
      join: this.#join.snapshot(pool),
      mixer: this.#mixer.snapshot(pool),
      statistics: this.#statistics?.snapshot() ?? null,
      linear: this.#linear?.snapshot() ?? null,
      evaluation: this.evaluation.snapshot(),
      digest: this.#digest.snapshot(),
      score: pool.putSamples(this.#score),
      matured: pool.putSamples(this.#matured),
      unreported: pool.putSamples(this.#unreported),
      givenUp: pool.putSamples(this.#givenUp),
      turn: this.#turn,
      steps: this.#steps,
      nowMs: this.#nowMs,
      counts: { ...this.#counts },
    };
    return { state: { ...stages, pool: pool.encode() }, positions: this.positions.snapshot() };
  }

  restore(snapshot: FoldSnapshot): void {
    const s = snapshot.state as Record<string, StateValue>;
    const pool = SnapshotPool.decode(s['pool']!);
    for (const [i, filter] of this.#duplicates.entries())
      filter.restore((s['duplicates'] as readonly StateValue[])[i]!);
    this.#catalogue.restore(s['catalogue']!, pool);
    this.#histories.restore(s['histories']!, pool);
    this.#join.restore(s['join']!, pool);
    this.#mixer.restore(s['mixer']!, pool);
    this.#statistics?.restore(s['statistics']!);
    this.#linear?.restore(s['linear']!);
    this.evaluation.restore(s['evaluation']!);
    this.#digest.restore(s['digest']!);
    this.#score = pool.samples(s['score'] as Uint32Array);
    this.#matured = pool.samples(s['matured'] as Uint32Array);
    this.#unreported = pool.samples(s['unreported'] as Uint32Array);
    this.#givenUp = new Set(pool.samples(s['givenUp'] as Uint32Array));
    this.#turn = s['turn'] as number;
    this.#steps = s['steps'] as number;
    this.#nowMs = s['nowMs'] as number;
    this.#counts = { ...(s['counts'] as unknown as FoldCounts) };
    this.positions.restore(snapshot.positions);
  }
}
