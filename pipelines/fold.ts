import { buildBatch, buildTrainingBatch, Mixer } from '../src/batching/index.js';
import { RunningDigest } from '../src/checkpoint/index.js';
import {
  type ClickEvent,
  DOMAIN_CODE,
  type Sample,
  type Serving,
  SnapshotPool,
  type StateValue,
  type StepReport,
  type TrainingRow,
} from '../src/core/index.js';
import {
  type BadDayWatch,
  type Evaluation,
  type EvaluationSummary,
  type PublishedVersions,
  TransferLedger,
} from '../src/evaluation/index.js';
import type { FeatureHasher } from '../src/features/index.js';
import { LabelJoin } from '../src/join/index.js';
import { DuplicateFilter, type PlacedEvent, PositionLedger } from '../src/ordering/index.js';
import { DriftAnswers } from './drift-answers.js';
import type { FoldOptions } from './fold-options.js';
import { Judging } from './judging.js';
import { PointInTime } from './point-in-time.js';
import { TrainingRows } from './training-rows.js';
import { Transfer } from './transfer.js';
import type { Turn, TurnBatches } from './turn.js';

export interface FoldSnapshot {
  readonly state: StateValue;
  readonly positions: StateValue;
  /** What is known of changes since the last published version; no part of any digest, and absent in older checkpoints. */
  readonly publishing?: StateValue;
  /** Of bad days; knows positions, so no part of any digest either, and absent in older checkpoints. */
  readonly badDays?: StateValue;
  /** Figures by published version; when versions are published changes no digest. Absent in older checkpoints. */
  readonly versions?: StateValue;
}

interface FoldCounts {
  events: number;
  samples: number;
  deadLetters: number;
  late: number;
  /** Impressions whose id was waiting for its label already. */
  repeatedImpressions: number;
}

/** Impressions scored in one call when no step comes due between them (labels all delayed). */
const MAX_SCORE_ROWS = 4096;

/**
 * The user-keyed front half and the evaluation: everything of the fold that is not the learner (architecture, section 2).
 * Takes events in canonical order, reads no clock, and gives the turns of the learner.
 *
 * The way of one event: window -> sample -> (join) -> label -> mix. A row never reaches the mixer before its sample stands
 * in a turn to be scored, so every impression is scored before it is learned from.
 */
export class Fold {
  readonly positions = new PositionLedger();
  /** By domain code: two logs that both number from 1 share no ids. */
  readonly #duplicates: readonly [source: DuplicateFilter, target: DuplicateFilter];
  readonly #known: PointInTime;
  /** Null where no ledger is kept. */
  readonly transfer: Transfer | null;
  readonly #join: LabelJoin;
  readonly #rows: TrainingRows;
  readonly #mixer: Mixer;
  readonly #judging: Judging;
  readonly #drift: DriftAnswers;
  readonly #digest = new RunningDigest();
  readonly #batchSize: number;
  #score: Sample[] = [];
  #matured: Sample[] = [];
  #restated: Sample[] = [];
  /** Turns that came due with the event at hand. */
  #due: Turn[] = [];
  #turn = 0;
  #steps = 0;
  /** An operator wants nothing learned; see `freeze`. */
  #isFrozen = false;
  #nowMs = Number.NEGATIVE_INFINITY;
  #counts: FoldCounts = { events: 0, samples: 0, deadLetters: 0, late: 0, repeatedImpressions: 0 };

  constructor(options: FoldOptions, hasher: FeatureHasher) {
    this.#duplicates = [new DuplicateFilter(options.dedupWindowMs), new DuplicateFilter(options.dedupWindowMs)];
    this.#known = new PointInTime(options, hasher);
    this.transfer = options.transfer === null ? null : new Transfer(options, new TransferLedger(options.transfer));
    this.#join = new LabelJoin(options.join);
    this.#mixer = new Mixer(options.batching);
    this.#rows = new TrainingRows(options.trainingRows, this.#known, this.#learn, (sample) => {
      if (!this.#isFrozen) this.#mixer.addReplayable(sample);
    });
    this.#judging = new Judging(options.evaluation, options.trainingRows, this.transfer);
    this.#drift = new DriftAnswers(options.adaptation, options.adaptsTo);
    this.#batchSize = options.batching.size;
  }

  /** Folds one event; returns the turns that came due, usually none. */
  accept({ event, partition, position }: PlacedEvent): Turn[] {
    const turns: Turn[] = [];
    this.#due = turns;
    const nowMs = event.eventTimeMs;
    this.positions.done(partition, position, nowMs);
    this.#counts.events++;
    this.#nowMs = nowMs;
    this.#drift.answer(this.#turn, (domain, steps) => this.#mixer.adapt(domain, steps));
    this.#known.advance(nowMs);
    this.transfer?.advance(nowMs);
    this.#join.advance(nowMs, this.#settleLabel);
    this.#rows.advance(nowMs);
    if (!this.#isFrozen && this.#mixer.isOverdue(nowMs)) turns.push(this.#makeTurn());
    // a row number makes an event unique by itself; only logs with ids can repeat one
    if (event.row >= 0 || this.#duplicates[DOMAIN_CODE[event.domain]].isNew(event.eventId, nowMs))
      this.#take(event, partition, position);
    return turns;
  }

  /** Whether the event was folded before, as far as ids are remembered; an event without an id cannot be told. */
  hasLearned({ domain, eventId, row }: ClickEvent): boolean {
    return row < 0 && this.#duplicates[DOMAIN_CODE[domain]].has(eventId);
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
      train: turn.train.length > 0 ? buildTrainingBatch(turn.train) : null,
    };
  }

  /**
   * The learner has done a turn: judge what matured, then count the step. Called in the order of the turns.
   * `logits`: [rows], or [2 rows] with those of the twin where a transfer ledger is kept.
   * Returns the scored impressions whose label is known and all before them, in scoring order: the predictions to report.
   */
  settle(turn: Turn, logits: Float32Array, report: StepReport | null): Sample[] {
    this.#judging.scored(turn.score, logits, this.#steps);
    this.#judging.judge(turn, (domain) => this.#drift.alarm(turn.number, domain));
    if (report !== null) this.#steps = report.step;
    this.#digest.add(
      Float64Array.of(turn.number, turn.score.length, turn.matured.length, turn.train.length),
      logits,
      Float64Array.from(turn.matured, (sample) => sample.sequence * 2 + sample.label),
      report === null ? new Float64Array(0) : Float64Array.of(report.step, report.lossLabel, report.reversal),
    );
    return this.#judging.takeReportable();
  }

  /**
   * From the next event on nothing is learned: rows that would enter training are passed over for good, while impressions are
   * scored and judged, and histories and statistics go on, as scoring needs them. `false`: learning goes on.
   */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** The linear part and the count of steps of a snapshot, with nothing under way: the learner goes back there. */
  resetLearner(snapshot: FoldSnapshot): void {
    const { steps, linear } = snapshot.state as Record<string, StateValue>;
    this.#steps = steps as number;
    this.#known.restoreLinear(linear!);
  }

  get evaluation(): Evaluation {
    return this.#judging.evaluation;
  }

  get badDays(): BadDayWatch {
    return this.#judging.badDays;
  }

  get versions(): PublishedVersions {
    return this.#judging.versions;
  }

  /** Events folded. */
  get events(): number {
    return this.#counts.events;
  }

  /** The front half's part of model versions. */
  get serving(): Serving {
    return this.#known.serving;
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
      lateClicks: this.#join.lateClicks,
      labelsGivenUp: this.#join.givenUp + this.#rows.leftOut,
    };
  }

  /** Sizes of what the fold keeps, for gauges. */
  get sizes() {
    return {
      ...this.#known.sizes,
      waitingForLabel: this.#join.pending,
      waitingForStep: this.#mixer.waiting,
    };
  }

  summary(): EvaluationSummary {
    return this.evaluation.summary();
  }

  #take(event: ClickEvent, partition: number, position: bigint): void {
    if (event.kind === 'click') {
      const { domain, impressionId, eventTimeMs } = event;
      const sample = this.#join.addClick(DOMAIN_CODE[domain], impressionId, eventTimeMs, this.#restate);
      if (sample !== null) this.#settleLabel(sample);
      return;
    }
    if (event.clicked === null && this.#join.isWaiting(DOMAIN_CODE[event.domain], event.impressionId)) {
      this.#counts.repeatedImpressions++;
      return;
    }
    const sample = this.#known.sampleOf(event, this.#counts.samples++);
    this.transfer?.freeze(sample);
    this.badDays.shown(event, sample, this.positions.nameOf(partition), position);
    this.#score.push(sample);
    this.#known.addImpression(sample);
    if (sample.label >= 0) {
      this.#judgeAndShow(sample);
      this.#rows.carried(sample);
    } else {
      this.#rows.begin(sample);
      if (this.#join.addImpression(sample, this.#giveUp)) this.#settleLabel(sample);
    }
    const most = this.#isFrozen ? this.#batchSize : MAX_SCORE_ROWS;
    if (this.#score.length >= most) this.#due.push({ ...this.#scoreOnly(), train: [] });
  }

  /** A label that was waited for is final. */
  readonly #settleLabel = (sample: Sample): void => {
    this.#judgeAndShow(sample);
    this.#rows.settled(sample);
  };

  /** A final label: judge it, show it to later impressions of the user. */
  #judgeAndShow(sample: Sample): void {
    this.#matured.push(sample);
    this.#known.learn(sample, this.#nowMs);
    this.transfer?.learn(sample);
  }

  /** A row enters training: the linear part learns it at once, the model in the step that comes next. */
  readonly #learn = (row: TrainingRow): void => {
    if (this.#isFrozen) return;
    this.#known.learnRow(row);
    this.transfer?.learnRow(row);
    this.#mixer.add(row, this.#nowMs);
    if (this.#mixer.isFull) this.#due.push(this.#makeTurn());
  };

  /** A click came after the window: what is learned stays, the figures are put right. */
  readonly #restate = (sample: Sample): void => {
    this.#restated.push(sample);
  };

  readonly #giveUp = (sample: Sample): void => this.#judging.giveUp(sample);

  #makeTurn(): Turn {
    const turn = { ...this.#scoreOnly(), train: this.#mixer.take(), adaptation: this.#drift.asked };
    if (turn.train.length > 0) this.#drift.told();
    return turn;
  }

  #scoreOnly(): Omit<Turn, 'train'> {
    const turn = {
      number: this.#turn++,
      events: this.#counts.events,
      score: this.#score,
      matured: this.#matured,
      restated: this.#restated,
      provisional: this.#join.provisional,
      eventTimeMs: this.#nowMs,
      adaptation: null,
    };
    this.#score = [];
    this.#matured = [];
    this.#restated = [];
    return turn;
  }

  /** `positions` stand apart: digests leave them out. Taken when every turn given out has been settled. */
  snapshot(): FoldSnapshot {
    const pool = new SnapshotPool();
    const stages = {
      duplicates: this.#duplicates.map((filter) => filter.snapshot()),
      ...this.#known.snapshot(pool),
      join: this.#join.snapshot(pool),
      rows: this.#rows.snapshot(pool),
      mixer: this.#mixer.snapshot(pool),
      ...this.#judging.snapshot(pool),
      ...(this.transfer === null ? {} : { transfer: this.transfer.snapshot() }),
      digest: this.#digest.snapshot(),
      score: pool.putSamples(this.#score),
      matured: pool.putSamples(this.#matured),
      restated: pool.putSamples(this.#restated),
      turn: this.#turn,
      steps: this.#steps,
      nowMs: this.#nowMs,
      counts: { ...this.#counts },
      ...this.#drift.snapshot(),
      ...(this.#isFrozen ? { frozen: true } : {}),
    };
    return {
      state: { ...stages, pool: pool.encode() },
      positions: this.positions.snapshot(),
      publishing: this.#known.serving.snapshot(),
      badDays: this.badDays.snapshot(),
      versions: this.versions.snapshot(),
    };
  }

  restore(snapshot: FoldSnapshot): void {
    const s = snapshot.state as Record<string, StateValue>;
    const pool = SnapshotPool.decode(s['pool']!);
    for (const [i, filter] of this.#duplicates.entries())
      filter.restore((s['duplicates'] as readonly StateValue[])[i]!);
    this.#known.restore(s, pool);
    this.#join.restore(s['join']!, pool);
    this.#rows.restore(s['rows']!, pool);
    this.#mixer.restore(s['mixer']!, pool);
    this.#judging.restore(s, pool);
    this.transfer?.restore(s['transfer']!);
    this.#digest.restore(s['digest']!);
    this.#score = pool.samples(s['score'] as Uint32Array);
    this.#matured = pool.samples(s['matured'] as Uint32Array);
    this.#restated = pool.samples((s['restated'] ?? new Uint32Array()) as Uint32Array); // older checkpoints have none
    this.#turn = s['turn'] as number;
    this.#steps = s['steps'] as number;
    this.#nowMs = s['nowMs'] as number;
    this.#counts = { ...(s['counts'] as unknown as FoldCounts) };
    this.#drift.restore(s);
    this.#isFrozen = s['frozen'] === true;
    this.positions.restore(snapshot.positions);
    if (snapshot.publishing !== undefined) this.#known.serving.restore(snapshot.publishing);
    if (snapshot.badDays !== undefined) this.badDays.restore(snapshot.badDays);
    if (snapshot.versions !== undefined) this.versions.restore(snapshot.versions);
  }
}
