import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  htmlReport,
  OPERATION_COLUMNS,
  QUALITY_COLUMNS,
  type ReportedRun,
  seriesTable,
} from '../../src/report/index.js';
import { runReading } from '../run-readings.js';
import { CHROMIUM, drawnData, launch, openPage, plotOf } from './chromium.js';

describe.skipIf(CHROMIUM === null)('the report', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'dadin-report-'));
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const run = (name: string, from: number): ReportedRun => {
    const readings = Array.from({ length: 60 }, (_, i) => runReading((from + i) * 1000));
    return {
      name,
      facts: [['Events', '60,000']],
      metrics: { header: ['', 'AUC'], rows: [{ domain: 'target', cells: ['target', '0.8'] }] },
      drift: null,
      badDays: null,
      quality: seriesTable(QUALITY_COLUMNS, readings),
      operation: seriesTable(OPERATION_COLUMNS, readings),
      marks: [],
      ceiling: { target: 0.9, source: null },
      config: null,
    };
  };
  const open = async (runs: readonly ReportedRun[]) => {
    const path = join(folder, 'report.html');
    writeFileSync(path, await htmlReport('a report', runs));
    return await openPage(browser, pathToFileURL(path).href);
  };

  it('draws the numbers that it was given', async () => {
    const one = run('one', 1);
    const { page, errors } = await open([one]);
    const at = one.quality.columns.indexOf('targetAuc');
    const [x, target] = await drawnData(page, 'auc');
    expect(x).toEqual(one.quality.rows.map((row) => row[0]));
    expect(target).toEqual(one.quality.rows.map((row) => Number(row[at]!.toPrecision(5))));
    expect(await drawnData(page, 'throughput')).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it('draws two runs side by side on one scale', async () => {
    const { page, errors } = await open([run('one', 1), run('two', 100)]);
    expect((await drawnData(page, 'auc', 1))[0]![0]).toBe(100_000);
    const scales = await page.evaluate<[number, number][]>(
      `[0, 1].map((run) => [${plotOf('auc')}, ${plotOf('auc', 1)}][run].scales.y).map(({ min, max }) => [min, max])`,
    );
    expect(scales[0]).toEqual(scales[1]);
    expect(await page.locator('#chart-auc h4').allInnerTexts()).toEqual(['one', 'two']);
    expect(errors).toEqual([]);
  });
});
