import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { QUALITY_COLUMNS } from '../../src/report/index.js';
import type { RunReading } from '../../src/telemetry/run-reading.js';
import { runReading } from '../run-readings.js';
import { serveRun, type TestServer } from '../served-run.js';
import { CHROMIUM, drawnData, launch, openPage, plotOf } from './chromium.js';

const DAY_OF_POINTS = 24 * 3600;

describe.skipIf(CHROMIUM === null)('the live page', () => {
  let browser: Browser;
  let served: TestServer;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await served.server.close();
  });

  const feed = (from: number, to: number): RunReading[] => {
    const readings = Array.from({ length: to - from }, (_, i) => runReading((from + i) * 1000));
    for (const reading of readings) served.feed.reading(reading);
    return readings;
  };
  const column = (key: string, readings: readonly RunReading[]) => {
    const { of } = QUALITY_COLUMNS.find((c) => c.key === key)!;
    return readings.map((reading) => Number(of(reading)!.toPrecision(6)));
  };
  const drawsUpTo = (page: Page, events: number) =>
    // not waitForFunction: the page's policy lets nobody evaluate text in it
    expect.poll(() => page.evaluate(`${plotOf('auc')}?.data[0].at(-1) ?? null`), { timeout: 60_000 }).toBe(events);

  it('draws what the metrics say, old points and new ones, without a complaint', async () => {
    served = await serveRun();
    const before = feed(1, 100);
    const { page, errors } = await openPage(browser, served.url);
    await drawsUpTo(page, 99_000);
    const after = feed(100, 120);
    await drawsUpTo(page, 119_000);
    const readings = [...before, ...after];
    const [x, target, source, low] = await drawnData(page, 'auc');
    expect(x).toEqual(readings.map(({ events }) => events));
    expect(target).toEqual(column('targetAuc', readings));
    expect(source).toEqual(column('sourceAuc', readings));
    expect(low).toEqual(column('targetAucLow', readings));
    expect((await drawnData(page, 'adversary')).slice(1)).toEqual(
      ['globalLoss', 'clickedLoss', 'notClickedLoss', 'reversal'].map((key) => column(key, readings)),
    );
    const newest = target!.at(-1)!.toFixed(3).replace(/0+$/, '');
    expect(await page.locator('#chart-auc .legend button').first().textContent()).toBe(`target${newest}`);
    expect(errors).toEqual([]);
  });

  it('shows marks, versions with their lineage, and hostile records as text', async () => {
    served = await serveRun();
    feed(1, 10);
    served.feed.mark({ kind: 'drift', text: 'drift, target', events: 5000, eventTimeMs: 0, clockMs: 1 });
    const { page, errors } = await openPage(browser, served.url);
    await page.getByText('drift, target').waitFor();
    expect(await page.locator('#versions tr').allInnerTexts()).toEqual([
      expect.stringMatching(/^checkpoint 2\s+1\s+20/),
      expect.stringMatching(/^checkpoint 1\s+–\s+10/),
    ]);
    await page.getByText('Newest examples').click();
    await expect.poll(() => page.locator('#examples').textContent(), { timeout: 10_000 }).toContain('<b>too late</b>');
    expect(errors).toEqual([]);
  });

  it('shows every slice, drift alarms with the rows around them, and neither before there is something', async () => {
    served = await serveRun();
    const { page, errors } = await openPage(browser, served.url);
    await page.locator('#state', { hasText: /^live$/ }).waitFor();
    expect(await page.getByRole('heading', { name: /Drift alarms|by slice/ }).count()).toBe(0);
    const { domains } = runReading(1000);
    const before = { rows: 2000, auc: 0.7, aucSe: 0.01, logLoss: 0.3, ne: 0.9 };
    const event = { detector: 'adwin' as const, row: 5678, eventTimeMs: 0, before, after: { ...before, auc: 0.625 } };
    const { target, source } = domains!;
    const drift = { ...target.drift, alarms: 1, events: [event] };
    served.feed.reading(runReading(1000, { domains: { target: { ...target, drift, gauc: 0.654 }, source } }));
    await expect
      .poll(() => page.locator('#drift tr').allInnerTexts())
      .toEqual([expect.stringMatching(/^target\s+adwin\s+5,678\s+1970-01-01 00:00\s+0\.700\s+0\.625/)]);
    const slices = page.getByRole('region', { name: 'Scored before learned, by slice' });
    expect(await slices.getByRole('row').count()).toBe(11);
    expect(await slices.getByRole('row', { name: /^target/ }).textContent()).toContain('0.654');
    expect(errors).toEqual([]);
  });

  it('comes back after the server was restarted, and starts anew with the new run', async () => {
    served = await serveRun();
    feed(1, 50);
    const { page } = await openPage(browser, served.url);
    await drawsUpTo(page, 49_000);
    const port = Number(new URL(served.url).port);
    await served.server.close();
    await page.getByText('connection lost').waitFor();
    served = await serveRun({}, { port });
    const readings = feed(200, 210);
    await drawsUpTo(page, 209_000);
    expect((await drawnData(page, 'auc'))[0]).toEqual(readings.map(({ events }) => events));
    await page.locator('#state', { hasText: /^live$/ }).waitFor();
  });

  it('survives a day of points: few are drawn, it says so, and it stays quick', async () => {
    served = await serveRun();
    feed(1, DAY_OF_POINTS);
    const { page, errors } = await openPage(browser, served.url);
    await drawsUpTo(page, (DAY_OF_POINTS - 1) * 1000);
    const text = await page.locator('#thinning').textContent();
    expect(text).toMatch(/^[\d,]+ of 86,399 points are drawn/);
    feed(DAY_OF_POINTS, DAY_OF_POINTS + 4000); // in one burst, as after a break
    await drawsUpTo(page, (DAY_OF_POINTS + 3999) * 1000);
    const [x] = await drawnData(page, 'auc');
    expect(x!.length).toBeLessThanOrEqual(2560);
    expect(x![0]).toBe(1000);
    expect(errors).toEqual([]);
  });

  it('is read by keyboard and by name', async () => {
    served = await serveRun();
    feed(1, 30);
    const { page } = await openPage(browser, served.url);
    await drawsUpTo(page, 29_000);
    const chart = page.getByRole('group', { name: /^Rolling AUC\. Arrow keys/ });
    await chart.focus();
    await page.keyboard.press('Home');
    const readout = page.locator('#chart-auc [aria-live]');
    await expect.poll(() => readout.textContent(), { timeout: 10_000 }).toMatch(/^At 1,000 events: target 0\.80\d/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => readout.textContent(), { timeout: 10_000 }).toMatch(/^At 2,000 events/);
    const toggle = page.locator('#chart-auc').getByRole('button', { name: /^target/ });
    await toggle.press('Enter');
    expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    const nameless = await page.evaluate(`
      [...document.querySelectorAll('button, select, a[href], summary, [role=group], section')]
        .filter((node) => {
          const labelled = document.getElementById(node.getAttribute('aria-labelledby'));
          return !(node.getAttribute('aria-label') || labelled?.textContent || node.textContent.trim() || node.labels?.length);
        })
        .map((node) => node.outerHTML.slice(0, 100))`);
    expect(nameless).toEqual([]);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('a run');
  });

  it.each(['light', 'dark'] as const)('fits a phone, %s', async (colorScheme) => {
    served = await serveRun();
    feed(1, 30);
    const { page } = await openPage(browser, served.url, { viewport: { width: 360, height: 780 }, colorScheme });
    await drawsUpTo(page, 29_000);
    const [scroll, width, background] = await page.evaluate<[number, number, string]>(
      '[document.documentElement.scrollWidth, innerWidth, getComputedStyle(document.body).backgroundColor]',
    );
    expect(scroll).toBeLessThanOrEqual(width);
    const [red] = /\d+/.exec(background)!;
    expect(Number(red) < 100).toBe(colorScheme === 'dark');
  });
});
