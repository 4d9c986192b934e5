import { lastValueFrom, tap } from 'rxjs';
import type { Config } from '../src/config/index.js';
import type { Domain, EventSource, Learner, RaceReport } from '../src/core/index.js';
import type { BadDays, DomainSummary, TransferReport, VersionsSummary } from '../src/evaluation/index.js';
import { transferDecision } from '../src/inspection/transfer-text.js';
import type { ReorderBuffer } from '../src/ordering/index.js';
import { overriding } from '../src/telemetry/overriding.js';
import { bayesCeiling } from './bayes-ceiling.js';
import type { Control, ControlOutcome } from './control.js';
import type { Fold } from './fold.js';
import { flush, type LearnParts, learn, type SettledTurn } from './learn.js';
import { type Publisher, type PublishOutcome, publishingBefore } from './publish.js';
import type { Reading } from './reading.js';
import type { RunOutputs } from './run-outputs.js';
import type { RunState } from './run-state.js';

/** Told what goes on; changes nothing. */
export interface RunObserver {
  started(run: RunningParts): void;
  turn(settled: SettledTurn): void;
  /** Something a user should know: a damaged checkpoint passed over, a log that had to be sorted. */
  notice(message: string): void;
  /** What came of a model version that was due. */
  published?(outcome: PublishOutcome): void;
  /** What came of an operator's command. */
  controlled?(outcome: ControlOutcome): void;
  /** What the run waits for before `started`; the readiness endpoint names it. */
  waiting?(reason: string): void;
  /** Puts measurements around the parts; what they do stays the same. */
  around?(parts: LearnParts): LearnParts;
  /** Does the work, which publishes a model version, and measures it. */
  publishing?(work: () => Promise<void>): Promise<void>;
}

export interface RunningParts {
  readonly source: EventSource;
  readonly fold: Fold;
  readonly learner: Learner;
  /** Takes an operator's commands. */
  readonly control: Control;
  readonly resumedFrom: string | null;
}

export interface RunSummary {
  readonly digest: string;
  readonly events: number;
  readonly samples: number;
  readonly steps: number;
  /** Of this run, not counting what a resumed run had done before. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly backend: string;
  readonly backendSettings: Readonly<Record<string, string | number>>;
  readonly denseParameters: number;
  /** Undecodable and late records. */
  readonly deadLetters: number;
  readonly late: number;
  readonly duplicates: number;
  readonly orphanClicks: number;
  /** Clicks after their impression's window: what is learned stays, the figures are put right. */
  readonly lateClicks: number;
  readonly labelsGivenUp: number;
  /** Training steps of this run thrown away: something in them was not finite, or the adversary ran away. */
  readonly discardedSteps: number;
  /** Where the adversary is automatic: what the race showed last. */
  readonly race: RaceReport | null;
  /** What the source domain brought, where a ledger is kept. */
  readonly transfer: TransferReport | null;
  /** Path of the newest checkpoint; null when none is kept. */
  readonly checkpoint: string | null;
  readonly resumedFrom: string | null;
  /** Stopped by a signal before the end of the log. */
  readonly stopped: boolean;
  readonly domains: Readonly<Record<Domain, DomainSummary>>;
  /** What no learner can beat on a synthetic stream; null where the truth is not known. */
  readonly ceiling: Readonly<Record<Domain, number | null>> | null;
  /** Why the ranking fell, each time it did. */
  readonly badDays: BadDays;
  /** Figures by the model version that was the newest when the row was scored; null where none was published. */
  readonly versions: VersionsSummary | null;
}

export interface LearningRunParts {
  readonly config: Config;
  readonly fold: Fold;
  readonly learner: Learner;
  readonly state: RunState;
  /** Saves the state, with what else must happen then; the state alone where it is left out. */
  readonly checkpoint?: LearnParts['checkpoint'];
  readonly publisher: Publisher | null;
  readonly outputs: RunOutputs;
  readonly control: Control;
  readonly resumedFrom: string | null;
  readonly stop: AbortSignal;
  readonly observer: RunObserver;
}

/** One run of the learner, over a log with an end or a live one. */
export class LearningRun {
  readonly #parts: LearningRunParts;
  readonly #eventsBefore: number;
  readonly #startedMs = performance.now();
  #discardedSteps = 0;
  /** Row of the transfer decision told last; what a resumed run had decided was told then. */
  #decisionTold: number;
  #race: RaceReport | null = null;

  constructor(parts: LearningRunParts) {
    this.#parts = parts;
    this.#eventsBefore = parts.fold.counts.events;
    this.#decisionTold = parts.fold.transfer?.lastReport?.decisions.at(-1)?.row ?? 0;
  }

  /** Learns until the reading ends, then takes a checkpoint. */
  async through(
    source: EventSource,
    order: ReorderBuffer,
    reading: (source: EventSource) => Reading,
    stop: AbortSignal = this.#parts.stop,
  ): Promise<void> {
    const { fold, learner, state, checkpoint = state, outputs, control, observer } = this.#parts;
    const publisher = this.#measuredPublisher();
    const bare: LearnParts = {
      source,
      reading,
      order,
      fold,
      learner,
      deadLetters: (records) => outputs.reject(records),
      room: () => outputs.room(),
      checkpoint,
      control,
      stop,
    };
    const measured = observer.around?.(bare) ?? bare;
    const parts =
      publisher === null ? measured : { ...measured, checkpoint: publishingBefore(measured.checkpoint, publisher) };
    await lastValueFrom(learn(parts).pipe(tap((turn) => this.#settled(turn))), { defaultValue: null });
    // a log that has come to its end is published whole; one that was stopped goes on as if it had not been
    if (publisher?.isBehind && !stop.aborted) await publisher.publish();
    await parts.checkpoint.save();
  }

  #measuredPublisher(): Publisher | null {
    const { publisher, observer } = this.#parts;
    if (publisher === null) return null;
    const publish = async (): Promise<void> => {
      const work = () => publisher.publish();
      await (observer.publishing?.(work) ?? work());
    };
    return overriding(publisher, { publish });
  }

  /** Scores and judges what the log leaves behind; nothing can be learned after it. */
  async sumUp(): Promise<RunSummary> {
    const { config, fold, learner, state, outputs, resumedFrom, stop } = this.#parts;
    await outputs.endTopics();
    this.#settled(await flush({ fold, learner }));
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const { backend, settings, denseParameters } = learner.describe();
    const { events, ...counts } = fold.counts;
    return {
      digest: await state.digest(),
      events,
      ...counts,
      steps: fold.steps,
      eventsPerSecond: (events - this.#eventsBefore) / seconds,
      seconds,
      backend,
      backendSettings: settings,
      denseParameters,
      discardedSteps: this.#discardedSteps,
      race: this.#race,
      transfer: fold.transfer?.report() ?? null,
      checkpoint: state.newestPath,
      resumedFrom,
      stopped: stop.aborted,
      domains: fold.summary(),
      ceiling: bayesCeiling(config),
      badDays: fold.badDays.cards,
      versions: fold.versions.summary(),
    };
  }

  #settled(turn: SettledTurn): void {
    const { outputs, observer } = this.#parts;
    outputs.settled(turn);
    if (turn.report?.discarded && this.#discardedSteps++ === 0) {
      observer.notice(
        `step ${turn.report.step} thrown away: not finite, or an adversary that ran away; the summary counts them`,
      );
    }
    this.#race = turn.report?.race ?? this.#race;
    this.#noticeTransfer();
    observer.turn(turn);
  }

  #noticeTransfer(): void {
    const newest = this.#parts.fold.transfer?.lastReport?.decisions.at(-1);
    if (newest === undefined || newest.row === this.#decisionTold) return;
    this.#decisionTold = newest.row;
    this.#parts.observer.notice(transferDecision(newest));
  }
}
