import { readFile } from 'node:fs/promises';
import { DadinError, DOMAINS, type StepReport } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import type { RunMark } from '../telemetry/run-reading.js';
import { StepTally } from '../telemetry/step-tally.js';
import type { QualityPoint } from './columns.js';

/** One record of the metrics file. */
export interface MetricsPoint extends StepReport {
  readonly events: number;
  readonly eventTimeMs: number;
  readonly domains: EvaluationSummary;
}

/** @throws DadinError DADIN_SOURCE_UNREADABLE where the file is none of metrics */
export async function readMetricsPoints(path: string): Promise<MetricsPoint[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => metricsPoint(JSON.parse(line)));
  } catch (cause) {
    throw new DadinError('DADIN_SOURCE_UNREADABLE', `${path} is no file of metrics`, {
      step: 'report',
      expected: 'JSON Lines, as --metrics or --report of this version writes them',
      cause,
    });
  }
}

/** @throws TypeError where it is none, or that of another version */
function metricsPoint(value: unknown): MetricsPoint {
  const point = value as MetricsPoint;
  for (const domain of DOMAINS) {
    const { gauc, drift } = point.domains[domain];
    if (gauc === undefined || !Array.isArray(drift.events)) throw new TypeError(`no metrics of ${domain}`);
  }
  return point;
}

export function qualityPoint(point: MetricsPoint): QualityPoint {
  const tally = new StepTally();
  tally.add(point, 0);
  return {
    events: point.events,
    eventTimeMs: point.eventTimeMs,
    domains: point.domains,
    step: tally.take(),
    race: point.race,
  };
}

/** Drift alarms between the points, each at the first point that counts it. */
export function driftMarks(points: readonly MetricsPoint[]): RunMark[] {
  return points.flatMap((point, i) =>
    DOMAINS.flatMap((domain) => {
      const before = points[i - 1]?.domains[domain].drift.alarms ?? 0;
      if (point.domains[domain].drift.alarms <= before) return [];
      const { events, eventTimeMs } = point;
      return [{ kind: 'drift' as const, text: `drift, ${domain}`, events, eventTimeMs, clockMs: 0 }];
    }),
  );
}
