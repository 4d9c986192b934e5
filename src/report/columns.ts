import type { Domain } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import type { RunReading, StepMeans, Weights } from '../telemetry/run-reading.js';

/** A named series: what charts draw, CSV files hold and the live page receives. */
export interface Column<P> {
  readonly key: string;
  /** Of the values, as people write it; empty where there is none. */
  readonly unit: string;
  /** Null is a gap. */
  readonly of: (point: P) => number | null;
}

/** Where a point stands on the axes. */
export interface PlacedPoint {
  readonly events: number;
  readonly eventTimeMs: number | null;
}

/** How good the model is; the same on every machine. */
export interface QualityPoint extends PlacedPoint {
  readonly domains: EvaluationSummary | null;
  readonly step: StepMeans | null;
  readonly race: { readonly recentGain: number } | null;
}

const Z95 = 1.96;

/** x columns, first of every table. */
export const PLACE_COLUMNS: readonly Column<PlacedPoint>[] = [
  { key: 'events', unit: 'events', of: ({ events }) => events },
  { key: 'eventTimeMs', unit: 'ms', of: ({ eventTimeMs }) => eventTimeMs },
];

export const QUALITY_COLUMNS: readonly Column<QualityPoint>[] = [
  ...domainColumns('target'),
  ...domainColumns('source'),
  stepColumn('globalLoss', (step) => step.global),
  stepColumn('clickedLoss', (step) => step.clicked),
  stepColumn('notClickedLoss', (step) => step.notClicked),
  stepColumn('reversal', (step) => step.reversal),
  { key: 'adversaryGain', unit: 'nats a row', of: ({ race }) => race?.recentGain ?? null },
  ...interestColumns('clicked', (step) => step.interestClicked),
  ...interestColumns('notClicked', (step) => step.interestNotClicked),
];

/** How the process fares; different on every machine and in every run. */
export const OPERATION_COLUMNS: readonly Column<RunReading>[] = [
  { key: 'clockMs', unit: 'ms', of: ({ clockMs }) => clockMs },
  { key: 'eventsPerSecond', unit: 'events/s', of: ({ eventsPerSecond }) => eventsPerSecond },
  { key: 'stepMs', unit: 'ms', of: ({ step }) => step?.milliseconds ?? null },
  { key: 'scoreMs', unit: 'ms', of: ({ scoreMs }) => scoreMs },
  { key: 'eventLoopDelayMs', unit: 'ms', of: ({ eventLoopDelayMs }) => eventLoopDelayMs },
  { key: 'lagRecords', unit: 'records', of: ({ lag }) => sumOrNull(Object.values(lag)) },
  { key: 'eventTimeLagMs', unit: 'ms', of: (r) => (r.eventTimeMs === null ? null : r.clockMs - r.eventTimeMs) },
  { key: 'queueLabel', unit: 'impressions', of: ({ queues }) => queues.label },
  { key: 'queueStep', unit: 'rows', of: ({ queues }) => queues.step },
  { key: 'queueTurn', unit: 'turns', of: ({ queues }) => queues.turn },
  { key: 'memoryResident', unit: 'bytes', of: ({ memory }) => memory.resident },
  { key: 'memoryHeap', unit: 'bytes', of: ({ memory }) => memory.heap },
  { key: 'memoryBuffers', unit: 'bytes', of: ({ memory }) => memory.buffers },
  { key: 'memoryTables', unit: 'bytes', of: ({ memory }) => memory.tables },
  { key: 'historyTarget', unit: 'items', of: ({ historyLength }) => historyLength.target },
  { key: 'historySource', unit: 'items', of: ({ historyLength }) => historyLength.source },
  { key: 'deadLetters', unit: 'records', of: (r) => sumOrNull(Object.values(r.deadLetters)) ?? 0 },
];

function domainColumns(domain: Domain): Column<QualityPoint>[] {
  const of =
    (pick: (window: EvaluationSummary[Domain]['window']) => number | null): Column<QualityPoint>['of'] =>
    (point) =>
      point.domains === null ? null : pick(point.domains[domain].window);
  const bound = (sign: number) =>
    of(({ auc, aucSe }) =>
      auc === null || aucSe === null ? null : Math.min(1, Math.max(0, auc + sign * Z95 * aucSe)),
    );
  return [
    { key: `${domain}Auc`, unit: '', of: of(({ auc }) => auc) },
    { key: `${domain}AucLow`, unit: '', of: bound(-1) },
    { key: `${domain}AucHigh`, unit: '', of: bound(1) },
    { key: `${domain}LogLoss`, unit: 'nats', of: of(({ logLoss }) => logLoss) },
    { key: `${domain}Ne`, unit: '', of: of(({ ne }) => ne) },
    { key: `${domain}Calibration`, unit: '', of: of(({ calibration }) => calibration) },
    { key: `${domain}ClickRate`, unit: '', of: of(({ rows, positives }) => (rows === 0 ? null : positives / rows)) },
  ];
}

function stepColumn(key: string, pick: (step: StepMeans) => number | null): Column<QualityPoint> {
  return { key, unit: '', of: ({ step }) => (step === null ? null : pick(step)) };
}

function interestColumns(rows: string, pick: (step: StepMeans) => Weights | null): Column<QualityPoint>[] {
  return ['User', 'Target', 'Source'].map((interest, i) =>
    stepColumn(`${rows}Interest${interest}`, (step) => pick(step)?.[i] ?? null),
  );
}

function sumOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
