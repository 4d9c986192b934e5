import { describe, expect, it } from 'vitest';
import { Evaluation } from '../../../src/evaluation/index.js';
import { htmlReport, type MetricsPoint } from '../../../src/report/index.js';
import { charts, thinned } from '../../../src/report/series.js';
import { stepReport } from '../step-report.js';

const OPTIONS = { window: { maxRows: 100, minPositives: 10, spanMs: 0 }, bins: 64 };

function points(n: number): MetricsPoint[] {
  const evaluation = new Evaluation(OPTIONS);
  return Array.from({ length: n }, (_, i) => {
    const label = i % 3 === 0 ? 1 : 0;
    evaluation.update('target', { logit: label + Math.sin(i), label, eventTimeMs: i, coldUser: false, newItem: false });
    return { ...stepReport(i, 32), lossDomain: 0.69, events: i * 32, eventTimeMs: i, domains: evaluation.summary() };
  });
}

const input = (n: number, title = 'a run') => ({
  title,
  facts: [['Events', '1']] as const,
  table: { header: ['', 'AUC'], rows: [['target', '0.8']] },
  points: points(n),
  ceiling: { target: 0.9, source: null },
  config: 'name: <x>',
});

describe('html report', () => {
  it('is one self-contained page of at most 1 MB, however long the run was', async () => {
    const html = await htmlReport(input(5000));
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(1_000_000);
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
    expect(html).toContain('1250 of 5000 points are drawn');
  });

  it('shows hostile names as text', async () => {
    const html = await htmlReport(input(3, '</title><script>alert(1)</script>'));
    expect(html).not.toContain('<script>alert(1)');
    expect(html).toContain('name: &lt;x&gt;');
  });

  it('draws what the metrics say', () => {
    const data = points(40);
    const [auc, , adversary] = charts(data, { target: 0.9, source: null });
    expect(auc!.columns[0]).toEqual(data.map((p) => p.events));
    expect(auc!.columns[1]).toEqual(data.map((p) => p.domains.target.window.auc));
    expect(auc!.marks).toEqual([{ label: 'ceiling, target', y: 0.9 }]);
    expect(adversary!.columns[1]!.every((y) => Math.abs(y! - 1) < 1e-9)).toBe(true);
    for (const [low, value, high] of data.map((_, i) => [3, 1, 4].map((column) => auc!.columns[column]![i]))) {
      if (low === null || value === null || high === null) continue;
      expect(low).toBeLessThanOrEqual(value!);
      expect(high).toBeGreaterThanOrEqual(value!);
    }
  });

  it('thins evenly and keeps the newest point', () => {
    const kept = thinned(
      Array.from({ length: 1001 }, (_, i) => i),
      100,
    );
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.at(-1)).toBe(1000);
  });
});
