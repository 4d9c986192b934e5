import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { RollingMetrics } from '../../../src/evaluation/index.js';
import { copc, meanLogLoss, normalizedEntropy, type Pair } from './oracle.js';

describe('RollingMetrics', () => {
  it('has no drift after a hundred thousand removals, across the growth of its ring', () => {
    const random = new SeededRandom(13);
    const window = 3000;
    const rolling = new RollingMetrics({ maxRows: window, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 });
    const rows: Pair[] = [];
    for (let i = 0; i < 100_000; i++) {
      // sums swing by five orders of magnitude, which a plain float64 sum would not forget
      const scale = i < 50_000 ? 30 : 0.01;
      const row: Pair = { logit: Math.fround(scale * random.normal()), label: random.next() < 0.1 ? 1 : 0 };
      rows.push(row);
      rolling.update(row.logit, row.label, i);
    }
    const held = rows.slice(-window);
    const fresh = new RollingMetrics({ maxRows: window, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 });
    for (const [i, row] of held.entries()) fresh.update(row.logit, row.label, i);
    const summary = rolling.summary();
    expect(summary.auc).toBe(fresh.auc);
    expect(summary.aucSe).toBe(fresh.summary().aucSe);
    expect(summary.rows).toBe(window);
    expect(summary.logLoss!).toBeCloseTo(meanLogLoss(held)!, 12);
    expect(summary.ne!).toBeCloseTo(normalizedEntropy(held)!, 12);
    expect(summary.calibration!).toBeCloseTo(copc(held)!, 11);
  });

  it('holds what the positives or the span need, whichever is longer, and never more than the cap', () => {
    const bySpan = new RollingMetrics({ maxRows: 1000, minPositives: 2, spanMs: 100 });
    const byPositives = new RollingMetrics({ maxRows: 1000, minPositives: 50, spanMs: 10 });
    const capped = new RollingMetrics({ maxRows: 20, minPositives: 50, spanMs: 100 });
    for (let i = 0; i < 900; i++) {
      for (const metrics of [bySpan, byPositives, capped]) metrics.update(0, i % 5 === 0 ? 1 : 0, i);
    }
    // times 800..899; the row at 799 is as old as the span
    expect(bySpan.summary()).toMatchObject({ rows: 100, positives: 20 });
    // the fiftieth positive from the end stands at 650
    expect(byPositives.summary()).toMatchObject({ rows: 250, positives: 50 });
    expect(capped.summary()).toMatchObject({ rows: 20, positives: 4 });
  });
});
