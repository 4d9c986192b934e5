import type { ReplaySummary } from '../../pipelines/replay.js';
import {
  badDayTable,
  driftMarks,
  driftTable,
  type MetricsPoint,
  metricsTable,
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

/** How good the model was over time. */
interface QualityOfRun {
  readonly series: SeriesTable;
  /** Of a metrics file: where the drift alarms stand exactly, and where it ends. */
  readonly exact: { readonly driftMarks: readonly RunMark[]; readonly last: MetricsPoint | null } | null;
}

export function qualityOf(points: readonly MetricsPoint[]): QualityOfRun {
  return {
    series: seriesTable(QUALITY_COLUMNS, points.map(qualityPoint)),
    exact: { driftMarks: driftMarks(points), last: points.at(-1) ?? null },
  };
}

/** A run from its series, and from what its end left beside them where it came so far. */
export function reportedRun(
  name: string,
  { series, exact }: QualityOfRun,
  about: AboutRun | null,
  operation: SeriesTable | null,
): ReportedRun {
  const domains = about?.summary.domains ?? exact?.last?.domains ?? null;
  const ceiling = about?.summary.ceiling ?? null;
  const marks = (about?.marks ?? []).filter(({ kind }) => exact === null || kind !== 'drift');
  return {
    name,
    facts: about === null ? factsOf(exact?.last ?? null) : factsOfSummary(about.summary),
    metrics: domains === null ? null : metricsTable(domains, ceiling),
    drift: domains === null ? null : driftTable(domains),
    badDays: about === null ? null : badDayTable(about.summary.badDays),
    quality: series,
    operation,
    marks: [...(exact?.driftMarks ?? []), ...marks].sort((a, b) => a.events - b.events),
    ceiling,
    config: about?.config ?? null,
  };
}

function factsOf(last: MetricsPoint | null): ReportedRun['facts'] {
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
    ['Digest', summary.digest.slice(0, 12)],
  ];
}
