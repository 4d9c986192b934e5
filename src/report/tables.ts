import { DOMAINS, type Domain } from '../core/index.js';
import type {
  BadDayCard,
  BadDays,
  DriftEvent,
  EvaluationSummary,
  RollingSummary,
  SliceSummary,
} from '../evaluation/index.js';
import type { Ceiling } from './charts.js';

/** A table as people read it; the page and the report show the same. The first cell of a row names it. */
export interface TextTable {
  readonly header: readonly string[];
  /** `domain` colours the row that stands for all of it; null for those below. */
  readonly rows: readonly { readonly domain: Domain | null; readonly cells: readonly string[] }[];
}

/** The whole metric family of each domain and its slices, and of the rolling window. */
export function metricsTable(domains: EvaluationSummary, ceiling: Ceiling | null): TextTable {
  return {
    header: [
      '',
      'Rows',
      'Clicks',
      'AUC',
      '95 % interval',
      'Ceiling',
      'User AUC',
      'PR AUC',
      'Log loss',
      'NE',
      'Calibration',
      'ECE',
    ],
    rows: DOMAINS.flatMap((domain) => {
      const all = domains[domain];
      const slices = [
        ['warm users', all.warm],
        ['cold users', all.cold],
        ['new items', all.newItem],
      ] as const;
      return [
        { domain, cells: [domain, ...sliceCells(all, ceiling?.[domain] ?? null)] },
        { domain: null, cells: ['last window', ...windowCells(all.window)] },
        ...slices.map(([name, slice]) => ({ domain: null, cells: [name, ...sliceCells(slice, null)] })),
      ];
    }),
  };
}

/** Every alarm that is still known, newest first, with the figures of the rows before it and after it. */
export function driftTable(domains: EvaluationSummary): TextTable {
  const events = DOMAINS.flatMap((domain) => domains[domain].drift.events.map((event) => ({ domain, event })));
  return {
    header: ['', 'Detector', 'At row', 'Event time', 'AUC before', 'after', 'Log loss before', 'after'],
    rows: events
      .sort((a, b) => b.event.eventTimeMs - a.event.eventTimeMs)
      .map(({ domain, event }) => ({ domain, cells: [domain, ...driftCells(event)] })),
  };
}

/** Why the ranking of a domain fell, newest first; the likeliest slice to blame. */
export function badDayTable(badDays: BadDays): TextTable {
  const cards = DOMAINS.flatMap((domain) => badDays[domain]);
  return {
    header: ['', 'At row', 'Event time', 'AUC before', 'after', 'Standard errors', 'To blame', 'From record'],
    rows: cards
      .sort((a, b) => b.eventTimeMs - a.eventTimeMs)
      .map((card) => ({ domain: card.domain, cells: [card.domain, ...badDayCells(card)] })),
  };
}

function badDayCells({ row, eventTimeMs, aucBefore, aucAfter, z, slices, first }: BadDayCard): string[] {
  const [likeliest] = slices;
  const blame = likeliest === undefined ? 'nothing stands out' : `${likeliest.dimension} ${likeliest.value}`;
  const place = `${first.partition}:${first.offset}`;
  return [whole(row), minute(eventTimeMs), figure(aucBefore), figure(aucAfter), z.toFixed(1), blame, place];
}

function sliceCells(slice: SliceSummary, ceiling: number | null): string[] {
  const { rows, positives, auc, aucLow, aucHigh, gauc, averagePrecision, logLoss, ne, calibration, ece } = slice;
  const interval = aucLow === null ? none : `${figure(aucLow)} to ${figure(aucHigh)}`;
  const rates = [gauc, averagePrecision, logLoss, ne, calibration, ece].map(figure);
  return [whole(rows), whole(positives), figure(auc), interval, figure(ceiling), ...rates];
}

/** Users are told apart in slices only. */
function windowCells({ rows, positives, auc, aucSe, averagePrecision, ...rest }: RollingSummary): string[] {
  const interval =
    auc === null || aucSe === null
      ? none
      : `${figure(Math.max(0, auc - Z95 * aucSe))} to ${figure(Math.min(1, auc + Z95 * aucSe))}`;
  const rates = [averagePrecision, rest.logLoss, rest.ne, rest.calibration, rest.ece].map(figure);
  return [whole(rows), whole(positives), figure(auc), interval, none, none, ...rates];
}

function driftCells({ detector, row, eventTimeMs, before, after }: DriftEvent): string[] {
  return [
    detector,
    whole(row),
    minute(eventTimeMs),
    figure(before.auc),
    after === null ? 'not yet' : figure(after.auc),
    figure(before.logLoss),
    after === null ? 'not yet' : figure(after.logLoss),
  ];
}

const Z95 = 1.96;
const none = '–';

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function figure(value: number | null): string {
  return value === null ? none : value.toFixed(3);
}

function whole(value: number): string {
  return value.toLocaleString('en');
}
