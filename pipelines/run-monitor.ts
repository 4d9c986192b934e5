import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Domain, domainOf, type EventSource, type LearnerGauges, type StepReport } from '../src/core/index.js';
import type { RejectedRecord } from '../src/ordering/index.js';
import { createHistograms, dadinMeter } from '../src/telemetry/histograms.js';
import {
  type Measuring,
  measuredLearner,
  measuredSource,
  messagingSystem,
  type Stopwatch,
} from '../src/telemetry/measured-parts.js';
import { overriding } from '../src/telemetry/overriding.js';
import type { DeadLetterExample, RunMark, RunReading } from '../src/telemetry/run-reading.js';
import { RunTracer } from '../src/telemetry/run-tracer.js';
import { Mean, StepTally } from '../src/telemetry/step-tally.js';
import type { LearnParts, SettledTurn } from './learn.js';
import type { RunningParts, RunObserver } from './learning-run.js';
import type { PublishOutcome } from './publish.js';

/** Between readings while turns come, ms. */
const READ_MS = 250;
/** Between readings while none comes. */
const IDLE_READ_MS = 1000;
/** Where a reading takes more than this share of the time (large windows), they come less often, */
const MOST_COST = 1 / 100;
/** but not less often than this. */
const SLOWEST_READ_MS = 2000;
/** Between questions to the learner's thread about its memory, ms. */
const INSPECT_MS = 5000;
const KEPT_EXAMPLES = 20;

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
  readonly #delays = monitorEventLoopDelay({ resolution: 10 });
  readonly #timer: NodeJS.Timeout;
  #run: RunningParts | null = null;
  #waitingFor: string | null = 'the run to start';
  #latest: RunReading | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #readEvents = 0;
  #costMs = 0;
  #inspectedAtMs = Number.NEGATIVE_INFINITY;
  #gauges: LearnerGauges | null = null;
  #turn: { events: number; eventTimeMs: number | null } = { events: 0, eventTimeMs: null };
  #turnsUnderWay = 0;
  #race: RunReading['race'] = null;
  #isClosed = false;
  #alarms: Record<Domain, number> | null = null;
  readonly #tally = new StepTally();
  readonly #scoreMs = new Mean();
  readonly #historyLength = { target: new Mean(), source: new Mean() };
  readonly #counts = { trained: 0, discarded: 0, restored: 0, consumed: 0, checkpoints: 0, published: 0, refused: 0 };
  readonly #rows = {
    target: { scored: 0, judged: 0, clicked: 0 },
    source: { scored: 0, judged: 0, clicked: 0 },
  };
  readonly #deadLetters: Record<string, number> = {};
  readonly #examples: DeadLetterExample[] = [];
  #checkpointAtMs: number | null = null;
  #checkpointWanted: (() => void)[] = [];

  constructor() {
    const stopwatch: Stopwatch = {
      consumed: (records) => {
        this.#counts.consumed += records;
      },
      scored: (_, milliseconds) => this.#scoreMs.add(milliseconds),
      trained: (report, milliseconds) => this.#tally.add(report, milliseconds),
    };
    this.#measuring = { tracer: this.tracer, histograms: createHistograms(dadinMeter()), stopwatch };
    this.#delays.enable();
    this.#timer = setInterval(() => {
      if (this.#isDue(IDLE_READ_MS)) this.#read();
    }, IDLE_READ_MS);
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
    return this.#examples;
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
        this.#rejected(records, parts.source);
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

  turn({ turn, report }: SettledTurn): void {
    this.#turnsUnderWay = Math.max(0, this.#turnsUnderWay - 1);
    this.#turn = turn;
    for (const sample of turn.score) {
      this.#rows[domainOf(sample.domain)].scored++;
      this.#historyLength.target.add(sample.historyTarget.length);
      this.#historyLength.source.add(sample.historySource.length);
    }
    for (const sample of turn.matured) {
      const rows = this.#rows[domainOf(sample.domain)];
      rows.judged++;
      if (sample.label === 1) rows.clicked++;
    }
    if (report !== null) this.#stepped(report);
    if (this.#isDue(READ_MS)) this.#read();
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
    if ('refused' in outcome) {
      this.#counts.refused++;
      this.#mark('refused', `not published: ${outcome.refused.join('; ')}`);
      return;
    }
    this.#counts.published++;
    this.#mark('published', `model ${outcome.published.number}, ${outcome.kind}, ${outcome.bytes} bytes`);
  }

  /** The run has ended, or failed: one last reading, then no more. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#waitingFor = reason;
    this.#read();
    this.#delays.disable();
  }

  #isDue(everyMs: number): boolean {
    const affordableMs = Math.min(SLOWEST_READ_MS, this.#costMs / MOST_COST);
    return performance.now() - this.#readAtMs >= Math.max(everyMs, affordableMs);
  }

  #stepped({ step, rows, discarded, restored, race }: StepReport): void {
    this.#counts.trained += rows;
    if (race !== null) this.#race = race;
    if (discarded) {
      if (this.#counts.discarded++ === 0) this.#mark('discarded', `step ${step} thrown away`);
    }
    if (restored) {
      this.#counts.restored++;
      this.#mark('restored', `the guard copy came back after step ${step}`);
    }
  }

  #rejected(records: readonly RejectedRecord[], { partitions }: EventSource): void {
    for (const { partition, position, bad } of records) {
      this.#deadLetters[bad.code] = (this.#deadLetters[bad.code] ?? 0) + 1;
      const name = partitions[partition]?.name ?? String(partition);
      this.#examples.push({ partition: name, position: String(position), code: bad.code, reason: bad.reason });
    }
    if (this.#examples.length > KEPT_EXAMPLES) this.#examples.splice(0, this.#examples.length - KEPT_EXAMPLES);
  }

  async #save(save: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    const wanted = this.#checkpointWanted;
    this.#checkpointWanted = [];
    await this.tracer.rare('checkpoint', save);
    this.#checkpointAtMs = performance.now();
    const milliseconds = this.#checkpointAtMs - startedMs;
    this.#measuring.histograms.checkpointDuration.record(milliseconds / 1000);
    this.#counts.checkpoints++;
    this.#mark('checkpoint', `checkpoint at step ${this.#run?.fold.steps ?? 0}, ${Math.round(milliseconds)} ms`);
    for (const resolve of wanted) resolve();
  }

  #mark(kind: RunMark['kind'], text: string): void {
    const { events, eventTimeMs } = this.#turn;
    for (const listener of this.#listeners) listener.mark({ kind, text, events, eventTimeMs, clockMs: Date.now() });
  }

  #read(): RunReading {
    const nowMs = performance.now();
    const reading = this.#compose(nowMs);
    this.#readAtMs = nowMs;
    this.#readEvents = reading.events;
    this.#costMs = performance.now() - nowMs;
    this.#inspect(nowMs);
    this.#markDrift(reading);
    this.#tell(reading);
    return reading;
  }

  #tell(reading: RunReading): void {
    this.#latest = reading;
    for (const listener of this.#listeners) listener.reading(reading);
  }

  #compose(nowMs: number): RunReading {
    const run = this.#run;
    const { events, eventTimeMs } = this.#turn;
    const counts = run?.fold.counts;
    const sizes = run?.fold.sizes;
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const sinceMs = nowMs - this.#readAtMs;
    const delayMs = this.#delays.percentile(99) / 1e6;
    this.#delays.reset();
    return {
      clockMs: Date.now(),
      events,
      eventTimeMs,
      steps: run?.fold.steps ?? 0,
      eventsPerSecond: Number.isFinite(sinceMs) && sinceMs > 0 ? ((events - this.#readEvents) * 1000) / sinceMs : null,
      backend: run?.learner.describe().backend ?? null,
      system: run === null ? null : messagingSystem(run.source),
      domains: run?.fold.summary() ?? null,
      counts: {
        ...this.#counts,
        duplicates: counts?.duplicates ?? 0,
        orphanClicks: counts?.orphanClicks ?? 0,
        labelsGivenUp: counts?.labelsGivenUp ?? 0,
      },
      rows: { target: { ...this.#rows.target }, source: { ...this.#rows.source } },
      deadLetters: { ...this.#deadLetters },
      step: this.#tally.take(),
      scoreMs: this.#scoreMs.take(),
      historyLength: { target: this.#historyLength.target.take(), source: this.#historyLength.source.take() },
      race: this.#race,
      lag: this.#lag(),
      queues: { label: sizes?.waitingForLabel ?? 0, step: sizes?.waitingForStep ?? 0, turn: this.#turnsUnderWay },
      eventLoopDelayMs: Number.isFinite(delayMs) ? delayMs : 0,
      memory: { resident: rss, heap: heapUsed, buffers: arrayBuffers, tables: this.#gauges?.tableBytes ?? 0 },
      embeddings: { rows: this.#gauges?.rows ?? {}, evicted: this.#gauges?.evictedRows ?? 0 },
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

  /** Asks for the learner's memory; the answer is for the next reading. A learner that is closing need not answer. */
  #inspect(nowMs: number): void {
    if (this.#run === null || this.#waitingFor !== null || nowMs - this.#inspectedAtMs < INSPECT_MS) return;
    this.#inspectedAtMs = nowMs;
    this.#run.learner.inspect().then(
      (gauges) => {
        this.#gauges = gauges;
      },
      () => {},
    );
  }

  #markDrift({ domains }: RunReading): void {
    if (domains === null) return;
    const alarms = { target: domains.target.drift.alarms, source: domains.source.drift.alarms };
    for (const domain of ['target', 'source'] as const) {
      if (this.#alarms !== null && alarms[domain] > this.#alarms[domain]) this.#mark('drift', `drift, ${domain}`);
    }
    this.#alarms = alarms;
  }
}
