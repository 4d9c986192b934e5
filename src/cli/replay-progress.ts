import { SingleBar } from 'cli-progress';
import { type ControlOutcome, controlText } from '../../pipelines/control.js';
import type { SettledTurn } from '../../pipelines/learn.js';
import type { PublishOutcome } from '../../pipelines/publish.js';
import type { ReplayObserver, RunningParts } from '../../pipelines/replay.js';
import type { Config } from '../config/index.js';
import { DOMAINS, type Domain } from '../core/index.js';
import { sparkline } from './sparkline.js';

const SPARK_WIDTH = 24;
/** How often the bar is drawn, ms. */
const REDRAW_MS = 250;

/**
 * Progress on stderr: on a terminal a bar with ETA, rate and a sparkline of the rolling AUC of each domain; elsewhere one
 * line at powers of two, as vowpal wabbit prints them (everything since the start beside what came since the last line).
 */
export class ReplayProgress implements ReplayObserver {
  readonly #config: Config;
  readonly #out: NodeJS.WriteStream;
  #run: RunningParts | null = null;
  #lastVersion: 'published' | 'refused' | null = null;
  #bar: SingleBar | null = null;
  #startedMs = 0;
  #startEvents = 0;
  #drawnMs = 0;
  #nextLine = 1024;
  #lossSum = 0;
  #lossRows = 0;
  #sinceSum = 0;
  #sinceRows = 0;
  #aucs: Record<Domain, (number | null)[]> = { target: [], source: [] };

  constructor(config: Config, out: NodeJS.WriteStream) {
    this.#config = config;
    this.#out = out;
  }

  started(run: RunningParts): void {
    this.#run = run;
    this.#startedMs = performance.now();
    this.#startEvents = run.fold.counts.events;
    const { backend, settings, denseParameters } = run.learner.describe();
    const { model, batching } = this.#config;
    const where = Object.entries(settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    this.#line(`reading    ${run.source.name}`);
    this.#line(
      `model      ${model.kind} width ${model.width} [${model.hidden}], ${denseParameters} dense parameters, batch ${batching.size}, ${model.adversary.mode} adversary`,
    );
    this.#line(`backend    ${backend}${where === '' ? '' : ` (${where})`}`);
    if (run.resumedFrom !== null) this.#line(`resuming   ${run.resumedFrom} at ${this.#startEvents} events`);
    const total = run.source.partitions.reduce((sum, p) => sum + (p.expectedRecords ?? Number.NaN), 0);
    if (this.#out.isTTY) {
      this.#bar = new SingleBar({
        stream: this.#out,
        format: Number.isNaN(total)
          ? '{value} events  {rate}/s  target {target}  source {source}'
          : '{bar} {percentage}%  ETA {eta_formatted}  {rate}/s  target {target}  source {source}',
        barsize: 20,
        hideCursor: true,
      });
      this.#bar.start(Number.isNaN(total) ? 0 : total, this.#startEvents, { rate: '-', target: '-', source: '-' });
    } else {
      this.#line('');
      this.#line(
        '    events     steps   events/s   loss   since   target AUC (window)   source AUC (window)   reversal',
      );
    }
  }

  turn({ report }: SettledTurn): void {
    if (report === null || this.#run === null) return;
    this.#lossSum += report.lossLabel * report.rows;
    this.#lossRows += report.rows;
    this.#sinceSum += report.lossLabel * report.rows;
    this.#sinceRows += report.rows;
    const { events } = this.#run.fold.counts;
    if (this.#bar === null) {
      if (events >= this.#nextLine) this.#powerOfTwo(events, report.reversal);
      return;
    }
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    for (const domain of DOMAINS) this.#aucs[domain].push(this.#run.fold.evaluation.rollingAuc(domain));
    this.#bar.update(events, {
      rate: String(Math.round(this.#rate(events))),
      target: this.#spark('target'),
      source: this.#spark('source'),
    });
  }

  /** Says when versions begin to be refused, and why, and when they are published again. */
  published(outcome: PublishOutcome): void {
    const state = 'refused' in outcome ? 'refused' : 'published';
    if (state === this.#lastVersion) return;
    this.#lastVersion = state;
    this.notice(
      'refused' in outcome
        ? `model version refused: ${outcome.refused.join('; ')}${keptAt(outcome)}; told again once one is published`
        : `model version ${outcome.published.number} published (${outcome.kind}, ${outcome.bytes} bytes); told again once one is refused`,
    );
  }

  controlled(outcome: ControlOutcome): void {
    this.notice(controlText(outcome));
  }

  notice(message: string): void {
    this.#line(message);
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #powerOfTwo(events: number, reversal: number): void {
    while (this.#nextLine <= events) this.#nextLine *= 2;
    const { fold } = this.#run!;
    const [target, source] = DOMAINS.map((domain) => fmt(fold.evaluation.rollingAuc(domain)));
    const cells = [
      String(events).padStart(10),
      String(fold.steps).padStart(10),
      String(Math.round(this.#rate(events))).padStart(11),
      fmt(this.#lossSum / this.#lossRows).padStart(7),
      fmt(this.#sinceRows === 0 ? null : this.#sinceSum / this.#sinceRows).padStart(8),
      target!.padStart(22),
      source!.padStart(22),
      fmt(reversal).padStart(11),
    ];
    this.#line(cells.join(''));
    this.#sinceSum = 0;
    this.#sinceRows = 0;
  }

  #rate(events: number): number {
    return ((events - this.#startEvents) * 1000) / Math.max(1, performance.now() - this.#startedMs);
  }

  #spark(domain: Domain): string {
    const values = this.#aucs[domain];
    return `${fmt(values.at(-1) ?? null)} ${sparkline(values, SPARK_WIDTH, 0.5, 1)}`;
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}

function keptAt({ keptAt }: Extract<PublishOutcome, { refused: unknown }>): string {
  return keptAt === null ? '' : `; kept in ${keptAt}`;
}

function fmt(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
