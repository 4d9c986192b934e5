import { describe, expect, it } from 'vitest';
import { Evaluation } from '../../../src/evaluation/index.js';
import {
  badDayTable,
  driftMarks,
  driftTable,
  fromCsv,
  htmlReport,
  type MetricsPoint,
  metricsTable,
  OPERATION_CHARTS,
  OPERATION_COLUMNS,
  QUALITY_COLUMNS,
  qualityCharts,
  qualityPoint,
  type ReportedRun,
  seriesTable,
  toCsv,
} from '../../../src/report/index.js';
import { thinned } from '../../../src/report/series-table.js';
import { EVALUATION } from '../../run-readings.js';
import { stepReport } from '../step-report.js';

const OPTIONS = { ...EVALUATION, window: { maxRows: 100, minPositives: 10, spanMs: 0 }, bins: 64 };

function points(n: number): MetricsPoint[] {
  const evaluation = new Evaluation(OPTIONS);
  return Array.from({ length: n }, (_, i) => {
    const label = i % 3 === 0 ? 1 : 0;
    evaluation.update('target', {
      logit: label + Math.sin(i),
      label,
      eventTimeMs: i,
      coldUser: false,
      newItem: false,
      userId: 'u',
    });
    return { ...stepReport(i, 32), lossDomain: 0.69, events: i * 32, eventTimeMs: i, domains: evaluation.summary() };
  });
}

function run(n: number, name = 'a run'): ReportedRun {
  return {
    name,
    facts: [['Events', '1']],
    metrics: { header: ['', 'AUC'], rows: [{ domain: 'target', cells: ['target', '0.8'] }] },
    drift: null,
    badDays: null,
    quality: seriesTable(QUALITY_COLUMNS, points(n).map(qualityPoint)),
    operation: null,
    marks: [],
    ceiling: { target: 0.9, source: null },
    config: 'name: <x>',
  };
}

describe('html report', () => {
  it('is one self-contained page of at most 1 MB, however long the runs were', async () => {
    const long = run(4000);
    const { columns } = seriesTable(OPERATION_COLUMNS, []);
    const operation = { columns, rows: Array.from({ length: 2000 }, (_, i) => columns.map(() => 1e8 * Math.sin(i))) };
    for (const runs of [
      [{ ...long, operation }],
      [
        { ...long, operation },
        { ...long, operation, name: 'another' },
      ],
    ]) {
      const html = await htmlReport('title', runs);
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(1_000_000);
      expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
      expect(html).toMatch(/\d+ of \d+ points are drawn/);
    }
  });

  it('shows hostile names as text', async () => {
    const html = await htmlReport('</title><script>alert(1)</script>', [run(3)]);
    expect(html).not.toContain('<script>alert(1)');
    expect(html).toContain('name: &lt;x&gt;');
  });
});

describe('tables', () => {
  it('show every slice of both domains, and alarms with the rows around them, newest first', () => {
    const { domains } = points(60).at(-1)!;
    const { header, rows } = metricsTable(domains, { target: 0.9, source: null });
    for (const { cells } of rows) expect(cells).toHaveLength(header.length);
    expect(rows.map(({ cells }) => cells[0])).toEqual(
      ['target', 'source'].flatMap((domain) => [domain, 'last window', 'warm users', 'cold users', 'new items']),
    );
    const cell = (row: number, column: string) => rows[row]!.cells[header.indexOf(column)];
    expect(cell(0, 'AUC')).toBe(domains.target.auc!.toFixed(3));
    expect([cell(0, 'Ceiling'), cell(5, 'Ceiling'), cell(5, 'AUC')]).toEqual(['0.900', '–', '–']);
    expect(cell(0, 'ECE')).toBe(domains.target.ece!.toFixed(3));

    const slice = { dimension: 'item.topic', value: 'cars', shareBefore: 0.1, shareAfter: 0.1, z: 9 };
    const card = {
      ...{
        domain: 'target' as const,
        row: 42,
        eventTimeMs: 0,
        rowsBefore: 10,
        rowsAfter: 10,
        aucBefore: 0.8,
        aucAfter: 0.7,
      },
      ...{ z: 5.25, slices: [{ ...slice, errorBefore: 0.2, errorAfter: 0.4 }] },
      first: { partition: 'ads/0', offset: '7', eventTimeMs: 0 },
    };
    expect(badDayTable({ target: [card], source: [] }).rows.map(({ cells }) => cells)).toEqual([
      ['target', '42', '1970-01-01 00:00', '0.800', '0.700', '5.3', 'item.topic cars', 'ads/0:7'],
    ]);

    const figures = { rows: 10, auc: 0.7, aucSe: 0.01, logLoss: 0.3, ne: 0.9 };
    const alarm = { detector: 'adwin' as const, row: 1234, eventTimeMs: 1000, before: figures, after: null };
    const events = [alarm, { ...alarm, row: 5678, eventTimeMs: 2000, after: { ...figures, auc: 0.6 } }];
    const drifted = { ...domains, source: { ...domains.source, drift: { ...domains.source.drift, events } } };
    const told = driftTable(drifted).rows.map(({ cells }) => cells);
    expect(told.map(([domain, , row, , before, after]) => [domain, row, before, after])).toEqual([
      ['source', '5,678', '0.700', '0.600'],
      ['source', '1,234', '0.700', 'not yet'],
    ]);
  });
});

describe('series', () => {
  it('are what the metrics say', () => {
    const data = points(40);
    const { columns, rows } = seriesTable(QUALITY_COLUMNS, data.map(qualityPoint));
    const column = (key: string) => rows.map((row) => row[columns.indexOf(key)]!);
    expect(column('events')).toEqual(data.map((p) => p.events));
    expect(column('targetAuc')).toEqual(data.map((p) => p.domains.target.window.auc));
    expect(column('globalLoss').every((ratio) => Math.abs(ratio - 0.69 / 0.69) < 1e-9)).toBe(true);
    expect(column('targetAucLow').filter((low) => low !== null).length).toBeGreaterThan(30);
    for (let i = 0; i < data.length; i++) {
      const [low, auc, high] = ['targetAucLow', 'targetAuc', 'targetAucHigh'].map((key) => column(key)[i] ?? null);
      if (low === null || auc === null || high === null) continue;
      expect(low).toBeLessThanOrEqual(auc!);
      expect(high).toBeGreaterThanOrEqual(auc!);
    }
  });

  it('have a column for every line that a chart draws', () => {
    const known = new Set([...QUALITY_COLUMNS, ...OPERATION_COLUMNS].map(({ key }) => key));
    for (const { lines } of [...qualityCharts({ target: 0.9, source: 0.8 }, true), ...OPERATION_CHARTS])
      for (const { key, band = [] } of lines) for (const column of [key, ...band]) expect(known).toContain(column);
  });

  it('thin evenly and keep the newest point', () => {
    const rows = Array.from({ length: 1001 }, (_, i) => [i]);
    const kept = thinned({ columns: ['x'], rows }, 100).rows;
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.at(-1)).toEqual([1000]);
  });

  it('come back from CSV to the bit', () => {
    const table = {
      columns: ['a', 'b'],
      rows: [
        [1, null],
        [Math.PI, -1e-17],
        [null, 1e21],
      ],
    };
    expect(fromCsv(toCsv(table))).toEqual(table);
  });

  it('mark each drift alarm where it is first counted', () => {
    const [first, second] = points(2);
    const { domains } = second!;
    const alarmed = {
      ...second!,
      domains: { ...domains, source: { ...domains.source, drift: { ...domains.source.drift, alarms: 1 } } },
    };
    const marks = driftMarks([first!, alarmed, alarmed]);
    expect(marks.map(({ text, events }) => [text, events])).toEqual([['drift, source', 32]]);
  });
});
