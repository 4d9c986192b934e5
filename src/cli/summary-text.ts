import type { ReplaySummary } from '../../pipelines/replay.js';
import type { Config } from '../config/index.js';
import { DOMAINS } from '../core/index.js';
import type { DomainSummary } from '../evaluation/index.js';
import { transferLines } from '../inspection/transfer-text.js';
import { badDayLines, versionLines } from './quality-lines.js';

/** Alarms shown of a domain. */
const DRIFT_LINES = 3;

/** The summary for people: what was learned, how well, where it lies, what to try next. */
export function summaryText(config: Config, summary: ReplaySummary, report: string | null): string {
  const counted = [
    [summary.deadLetters - summary.late, 'bad records'],
    [summary.late, 'late'],
    [summary.duplicates, 'duplicates'],
    [summary.lateClicks, 'clicks after their window (the figures count them)'],
    [summary.orphanClicks, 'clicks without impression'],
    [summary.labelsGivenUp, 'impressions given up'],
    [summary.discardedSteps, 'discarded steps'],
  ] as const;
  const odd = counted.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const lines = [
    '',
    `${summary.events} events, ${summary.steps} steps in ${summary.seconds.toFixed(1)} s (${Math.round(summary.eventsPerSecond)} events/s, ${summary.backend})${summary.stopped ? ', stopped by a signal' : ''}`,
    ...(odd.length > 0 ? [`not learned from: ${odd.join(', ')}`] : []),
    '',
    `            AUC  95 % interval     last window    cold users  user AUC  PR AUC  log loss     NE  calibration    ECE        rows    clicks${summary.ceiling === null ? '' : '   ceiling'}`,
    ...DOMAINS.map((domain) => {
      const ceiling = summary.ceiling === null ? '' : fixed(summary.ceiling[domain]).padStart(10);
      return `${domainLine(domain, summary.domains[domain])}${ceiling}`;
    }),
    '',
    ...(summary.race === null ? [] : [raceLine(summary.race)]),
    ...(summary.transfer === null ? [] : transferLines(summary.transfer)),
    ...DOMAINS.flatMap((domain) => driftLines(domain, summary.domains[domain].drift)),
    ...badDayLines(summary.badDays),
    ...versionLines(summary.versions),
    `digest      ${summary.digest}`,
    ...(summary.checkpoint === null ? [] : [`checkpoint  ${summary.checkpoint}`]),
    `report      ${report ?? 'none (--report FILE writes one)'}`,
    ...(config.sinks.predictions === null ? [] : [`predictions ${config.sinks.predictions}`]),
    ...(config.sinks.metrics === null ? [] : [`metrics     ${config.sinks.metrics}`]),
    ...(summary.deadLetters > 0 && config.sinks.deadLetters === null
      ? ['            (name a file with --dead-letters to see the records that were not learned from)']
      : []),
    ...nextSteps(config, summary),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** What to try next, as commands to copy. */
function nextSteps(config: Config, { checkpoint }: ReplaySummary): string[] {
  const steps = [
    ...(checkpoint === null ? [] : [`npx dadin-stream inspect ${checkpoint}`]),
    ...(config.input.kind === 'synthetic'
      ? ['npx dadin-stream replay --synthetic claim4     # the target domain changes its mind at 60 %']
      : []),
    ...(config.input.kind === 'synthetic' ? ['npx dadin-stream init --from YOUR_LOG --out my.yaml --yes'] : []),
  ];
  return steps.length === 0 ? [] : ['', 'next', ...steps.map((step) => `  ${step}`)];
}

function raceLine({ adversary, gain, gainLow, gainHigh }: NonNullable<ReplaySummary['race']>): string {
  const state = adversary ? 'on' : 'off';
  if (gain === null || gainLow === null || gainHigh === null)
    return `adversary   ${state}: no target rows to judge it by`;
  const by = `${gain.toFixed(4)} nats a target row (95 % interval ${gainLow.toFixed(4)} to ${gainHigh.toFixed(4)})`;
  return `adversary   ${state}; what it gained: ${by}`;
}

/** The newest alarms of a domain. */
function driftLines(domain: string, { alarms, events }: DomainSummary['drift']): string[] {
  const told = events.slice(-DRIFT_LINES).map(({ detector, row, eventTimeMs, before, after }) => {
    const effect = after === null ? 'not known yet' : `${fixed(after.auc)}, log loss ${fixed(after.logLoss)}`;
    return `drift       ${domain}: ${detector} at row ${row} (${new Date(eventTimeMs).toISOString()}): AUC ${fixed(before.auc)}, log loss ${fixed(before.logLoss)} in the ${before.rows} rows before; ${effect} in those after`;
  });
  return alarms > told.length ? [...told, `            ${domain}: ${alarms} alarms in all`] : told;
}

function domainLine(name: string, s: DomainSummary): string {
  const interval = s.aucLow === null || s.aucHigh === null ? '-' : `${fixed(s.aucLow)} to ${fixed(s.aucHigh)}`;
  return [
    name.padEnd(9),
    fixed(s.auc).padStart(6),
    interval.padStart(15),
    fixed(s.window.auc).padStart(16),
    fixed(s.cold.auc).padStart(14),
    fixed(s.gauc).padStart(10),
    fixed(s.averagePrecision).padStart(8),
    fixed(s.logLoss).padStart(10),
    fixed(s.ne).padStart(7),
    fixed(s.calibration).padStart(13),
    fixed(s.ece).padStart(7),
    String(s.rows).padStart(12),
    String(s.positives).padStart(10),
  ].join('');
}

function fixed(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
