import { DOMAINS, type StepReport } from '../src/core/index.js';
import { createHistograms, dadinMeter } from '../src/telemetry/histograms.js';
import { type Measuring, measuredLearner, measuredSource, messagingSystem } from '../src/telemetry/measured-parts.js';
import { overriding } from '../src/telemetry/overriding.js';
import { IDLE_READ_MS, ReadingSchedule } from '../src/telemetry/reading-schedule.js';
import { ResourceGauges } from '../src/telemetry/resource-gauges.js';
import type { DeadLetterExample, RunMark, RunReading } from '../src/telemetry/run-reading.js';
import { RunTracer } from '../src/telemetry/run-tracer.js';
import { type Control, type ControlOutcome, controlText } from './control.js';
import type { LearnParts, SettledTurn } from './learn.js';
import type { RunningParts, RunObserver } from './learning-run.js';
import type { PublishOutcome } from './publish.js';
import { RunTally } from './run-tally.js';

interface MonitorListener {
  reading(reading: RunReading): void;
  mark(mark: RunMark): void;
}

/**
 * Watches a run from outside the fold: takes readings several times a second and tells its listeners, who draw and export
 * them. Nothing that it does or reads changes what is learned.
 */
export class RunMonitor implements RunObserver {
  readonly tracer = new RunTracer();
  readonly #measuring: Measuring;
  readonly #listeners: MonitorListener[] = [];
  readonly #tally = new RunTally();
  readonly #resources = new ResourceGauges();
  readonly #schedule = new ReadingSchedule();
  readonly #timer: NodeJS.Timeout;
  #run: RunningParts | null = null;
  #waitingFor: string | null = 'the run to start';
  #latest: RunReading | null = null;
  #readEvents = 0;
  #turn: { events: number; eventTimeMs: number | null } = { events: 0, eventTimeMs: null };
  #turnsUnderWay = 0;
  #isClosed = false;
  #checkpointAtMs: number | null = null;
  #checkpointWanted: (() => void)[] = [];

  constructor() {
    this.#measuring = {
      tracer: this.tracer,
      histograms: createHistograms(dadinMeter()),
      stopwatch: {
        consumed: (records) => {
          this.#tally.counts.consumed += records;
        },
        scored: (_, milliseconds) => this.#tally.scored(milliseconds),
        trained: (report, milliseconds) => this.#tally.trained(report, milliseconds),
      },
    };
    this.#timer = setInterval(() => this.#readIfDue(true), IDLE_READ_MS);
    this.#timer.unref();
  }

  listen(listener: MonitorListener): void {
    this.#listeners.push(listener);
  }

  /** The newest reading, at most about a second old. */
  latest(): RunReading {
    return this.#latest ?? this.#read();
  }

  /** Newest last. */
  get deadLetterExamples(): readonly DeadLetterExample[] {
    return this.#tally.examples;
  }

  /** Resolves once a checkpoint has been written between two turns; changes nothing in the fold. */
  requestCheckpoint(): Promise<void> {
    return new Promise((resolve) => this.#checkpointWanted.push(resolve));
  }

  waiting(reason: string): void {
    this.#waitingFor = reason;
  }

  around(parts: LearnParts): LearnParts {
    const { checkpoint } = parts;
    return {
      ...parts,
      source: measuredSource(parts.source, this.#measuring),
      learner: measuredLearner(parts.learner, this.#measuring),
      deadLetters: (records) => {
        this.#tally.rejected(records, parts.source);
        parts.deadLetters(records);
      },
      checkpoint: overriding(checkpoint, {
        isDue: (turn) => {
          this.#turnsUnderWay++; // asked once a turn, before the learner gets it
          return checkpoint.isDue(turn) || this.#checkpointWanted.length > 0;
        },
        save: () => this.#save(() => checkpoint.save()),
      }),
    };
  }

  started(run: RunningParts): void {
    this.#run = run;
    this.#waitingFor = null;
    this.#turn = { events: run.fold.counts.events, eventTimeMs: run.fold.eventTimeMs };
    this.#readEvents = this.#turn.events;
    if (run.resumedFrom !== null) this.#checkpointAtMs = performance.now();
    this.#read();
  }

  turn(settled: SettledTurn): void {
    this.#turnsUnderWay = Math.max(0, this.#turnsUnderWay - 1);
    this.#turn = settled.turn;
    const isFirstDiscarded = this.#tally.counts.discarded === 0;
    this.#tally.turn(settled);
    if (settled.report !== null) this.#markStep(settled.report, isFirstDiscarded);
    this.#readIfDue(false);
  }

  notice(message: string): void {
    this.#mark('notice', message);
  }

  async publishing(work: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    await this.tracer.rare('publish', work);
    this.#measuring.histograms.publishDuration.record((performance.now() - startedMs) / 1000);
  }

  published(outcome: PublishOutcome): void {
    this.#tally.published(outcome);
    if ('refused' in outcome) this.#mark('refused', `not published: ${outcome.refused.join('; ')}`);
    else
      this.#mark(
        'published',
        `model ${outcome.published.number}, ${outcome.kind}, ${(outcome.bytes / 1e6).toFixed(1)} MB`,
      );
  }

  controlled(outcome: ControlOutcome): void {
    this.#tally.controlled(outcome);
    this.#mark('notice', controlText(outcome));
  }

  /** Of the run that is watched; null before it has started. */
  get control(): Control | null {
    return this.#run?.control ?? null;
  }

  /** The run has ended, or failed: one last reading, then no more. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#waitingFor = reason;
    this.#read();
    this.#resources.close();
  }

  #readIfDue(isIdle: boolean): void {
    if (this.#schedule.isDue(performance.now(), isIdle)) this.#read();
  }

  #markStep({ step, discarded, restored }: StepReport, isFirstDiscarded: boolean): void {
    if (discarded && isFirstDiscarded) this.#mark('discarded', `step ${step} thrown away`);
    if (restored) this.#mark('restored', `the guard copy came back after step ${step}`);
  }

  async #save(save: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    const wanted = this.#checkpointWanted;
    this.#checkpointWanted = [];
    await this.tracer.rare('checkpoint', save);
    this.#checkpointAtMs = performance.now();
    const milliseconds = this.#checkpointAtMs - startedMs;
    this.#measuring.histograms.checkpointDuration.record(milliseconds / 1000);
    this.#tally.counts.checkpoints++;
    this.#mark('checkpoint', `checkpoint at step ${this.#run?.fold.steps ?? 0}, ${Math.round(milliseconds)} ms`);
    for (const resolve of wanted) resolve();
  }

  #mark(kind: RunMark['kind'], text: string): void {
    const { events, eventTimeMs } = this.#turn;
    for (const listener of this.#listeners) listener.mark({ kind, text, events, eventTimeMs, clockMs: Date.now() });
  }

  #read(): RunReading {
    const startedMs = performance.now();
    const before = this.#latest;
    const reading = this.#compose(startedMs);
    this.#latest = reading;
    this.#readEvents = reading.events;
    this.#schedule.taken(startedMs, performance.now());
    if (this.#run !== null && this.#waitingFor === null) this.#resources.inspect(this.#run.learner, startedMs);
    if (before !== null) this.#markDrift(before, reading);
    for (const listener of this.#listeners) listener.reading(reading);
    return reading;
  }

  #compose(nowMs: number): RunReading {
    const run = this.#run;
    const { events, eventTimeMs } = this.#turn;
    const counts = run?.fold.counts;
    const sizes = run?.fold.sizes;
    return {
      clockMs: Date.now(),
      events,
      eventTimeMs,
      steps: run?.fold.steps ?? 0,
      eventsPerSecond: this.#isClosed ? null : perSecond(events - this.#readEvents, this.#schedule.elapsedMs(nowMs)),
      backend: run?.learner.describe().backend ?? null,
      held: run?.control.held ?? null,
      system: run === null ? null : messagingSystem(run.source),
      domains: run?.fold.summary() ?? null,
      badDays: run?.fold.badDays.cards ?? null,
      versions: run?.fold.versions.summary() ?? null,
      transfer: run?.fold.transfer?.lastReport ?? null,
      counts: {
        ...this.#tally.counts,
        duplicates: counts?.duplicates ?? 0,
        orphanClicks: counts?.orphanClicks ?? 0,
        labelsGivenUp: counts?.labelsGivenUp ?? 0,
      },
      ...this.#tally.take(),
      lag: this.#lag(),
      queues: { label: sizes?.waitingForLabel ?? 0, step: sizes?.waitingForStep ?? 0, turn: this.#turnsUnderWay },
      ...this.#resources.take(),
      users: sizes?.users ?? 0,
      items: sizes?.items ?? 0,
      checkpointAgeMs: this.#checkpointAtMs === null ? null : nowMs - this.#checkpointAtMs,
      waitingFor: this.#waitingFor,
    };
  }

  #lag(): Record<string, number> {
    if (this.#run === null) return {};
    const { source, fold } = this.#run;
    const next = fold.positions.next();
    return Object.fromEntries(
      source.partitions.flatMap(({ name, expectedRecords }, i) => {
        const end = source.endOf?.(i) ?? expectedRecords;
        return end === null ? [] : [[name, Math.max(0, Number(end) - Number(next[i] ?? 0n))]];
      }),
    );
  }

  #markDrift({ domains: before }: RunReading, { domains: now }: RunReading): void {
    if (before === null || now === null) return;
    for (const domain of DOMAINS)
      if (now[domain].drift.alarms > before[domain].drift.alarms) this.#mark('drift', `drift, ${domain}`);
  }
}

function perSecond(events: number, milliseconds: number): number | null {
  return milliseconds > 0 && Number.isFinite(milliseconds) ? (events * 1000) / milliseconds : null;
}
