import { pino } from 'pino';
import { type ControlOutcome, controlText } from '../../pipelines/control.js';
import type { SettledTurn } from '../../pipelines/learn.js';
import type { RunningParts, RunObserver } from '../../pipelines/learning-run.js';
import type { PublishOutcome } from '../../pipelines/publish.js';
import type { Config } from '../config/index.js';
import { newestTraceId } from '../telemetry/run-tracer.js';

/** Between lines of progress, ms. */
const EVERY_MS = 10_000;

/** Progress as JSON Lines on stderr; lines carry the id of the newest trace, where there are traces. */
export class JsonProgress implements RunObserver {
  readonly #log;
  #run: RunningParts | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor({ name }: Pick<Config, 'name'>) {
    this.#log = pino(
      {
        name,
        timestamp: pino.stdTimeFunctions.isoTime,
        mixin() {
          const traceId = newestTraceId();
          return traceId === null ? {} : { trace_id: traceId };
        },
      },
      pino.destination({ fd: 2, sync: true }),
    );
  }

  waiting(reason: string): void {
    this.#log.info({ waitingFor: reason }, 'waiting');
  }

  started(run: RunningParts): void {
    this.#run = run;
    const { source, learner, fold, resumedFrom } = run;
    this.#log.info({ source: source.name, ...learner.describe(), events: fold.counts.events, resumedFrom }, 'started');
  }

  turn({ turn, report }: SettledTurn): void {
    const nowMs = performance.now();
    if (report === null || this.#run === null || nowMs - this.#toldAtMs < EVERY_MS) return;
    this.#toldAtMs = nowMs;
    const { evaluation, counts } = this.#run.fold;
    this.#log.info(
      {
        events: turn.events,
        step: report.step,
        eventTimeMs: turn.eventTimeMs,
        lossLabel: report.lossLabel,
        aucTarget: evaluation.rollingAuc('target'),
        aucSource: evaluation.rollingAuc('source'),
        deadLetters: counts.deadLetters,
      },
      'progress',
    );
  }

  published(outcome: PublishOutcome): void {
    if ('refused' in outcome) this.#log.warn({ reasons: outcome.refused, keptAt: outcome.keptAt }, 'version refused');
    else this.#log.info({ version: outcome.published.number, kind: outcome.kind }, 'version published');
  }

  controlled(outcome: ControlOutcome): void {
    if ('refused' in outcome) this.#log.warn({ code: outcome.refused.code }, controlText(outcome));
    else this.#log.info(outcome.done, controlText(outcome));
  }

  notice(message: string): void {
    this.#log.warn(message);
  }

  close(): void {
    this.#run = null;
  }
}
