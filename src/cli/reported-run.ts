import type { ReplaySummary } from '../../pipelines/replay.js';
import { DOMAINS } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import {
  driftMarks,
  type MetricsPoint,
  QUALITY_COLUMNS,
  qualityPoint,
  type ReportedRun,
  type SeriesTable,
  seriesTable,
} from '../report/index.js';
import type { RunMark } from '../telemetry/run-reading.js';

/** What lies beside a report, besides its series. */
export interface AboutRun {
  readonly name: string;
  readonly config: string;
  readonly summary: ReplaySummary;
  readonly marks: readonly RunMark[];
}

/** A run from its metrics file, and from what its end left beside it where it came so far. */
export function reportedRun(
  name: string,
  points: readonly MetricsPoint[],
  about: AboutRun | null,
  operation: SeriesTable | null,
): ReportedRun {
  const last = points.at(-1);
  const domains = about?.summary.domains ?? last?.domains ?? null;
  const marks = (about?.marks ?? []).filter(({ kind }) => kind !== 'drift');
  return {
    name,
    facts: about === null ? factsOf(last) : factsOfSummary(about.summary),
    table: domains === null ? { header: [], rows: [] } : metricsTable(domains, about?.summary.ceiling ?? null),
    quality: seriesTable(QUALITY_COLUMNS, points.map(qualityPoint)),
    operation,
    marks: [...driftMarks(points), ...marks].sort((a, b) => a.events - b.events),
    ceiling: about?.summary.ceiling ?? null,
    config: about?.config ?? null,
  };
}

function factsOf(last: MetricsPoint | undefined): ReportedRun['facts'] {
  return [
    ['Events', (last?.events ?? 0).toLocaleString('en')],
    ['Steps', (last?.step ?? 0).toLocaleString('en')],
  ];
}

function factsOfSummary(summary: ReplaySummary): ReportedRun['facts'] {
  return [
    ['Events', summary.events.toLocaleString('en')],
    ['Steps', summary.steps.toLocaleString('en')],
    ['Events a second', Math.round(summary.eventsPerSecond).toLocaleString('en')],
    ['Backend', summary.backend],
    ['Dense parameters', summary.denseParameters.toLocaleString('en')],
    ['Not learned from', `${summary.deadLetters + summary.duplicates} records`],
    ['Digest', summary.digest.slice(0, 16)],
  ];
}

function metricsTable(domains: EvaluationSummary, ceiling: ReplaySummary['ceiling']): ReportedRun['table'] {
  return {
    header: [
      '',
      'AUC',
      '95 % interval',
      'Last window',
      'Cold users',
      'Log loss',
      'NE',
      'Calibration',
      'Rows',
      'Clicks',
      'Ceiling',
    ],
    rows: DOMAINS.map((domain) => {
      const s = domains[domain];
      return [
        domain,
        fixed(s.auc),
        `${fixed(s.aucLow)} to ${fixed(s.aucHigh)}`,
        fixed(s.window.auc),
        fixed(s.cold.auc),
        fixed(s.logLoss),
        fixed(s.ne),
        fixed(s.calibration),
        s.rows.toLocaleString('en'),
        s.positives.toLocaleString('en'),
        fixed(ceiling?.[domain] ?? null),
      ];
    }),
  };
}

function fixed(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
