import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a Chromium of the system stands; DADIN_CHROMIUM names another. Null: there is none. */
export const CHROMIUM = process.env['DADIN_CHROMIUM'] ?? PLACES.find((path) => existsSync(path)) ?? null;

if (CHROMIUM === null)
  console.warn('\n*** browser tests are SKIPPED: no Chromium here (apt-get install chromium, or DADIN_CHROMIUM) ***\n');

export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
}

/** A page that keeps what went wrong in it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** The plot of a chart, in the page: pages are not type-checked, so what runs in them is text. */
export function plotOf(chart: string, run = 0): string {
  return `document.querySelectorAll('#chart-${chart} .plot')[${run}]?.uplot`;
}

/** What a chart of the page draws, column by column: x, then its lines, then the ends of their bands. */
export async function drawnData(page: Page, chart: string, run = 0): Promise<(number | null)[][]> {
  return await page.evaluate(`${plotOf(chart, run)}.data.map((column) => Array.from(column))`);
}
