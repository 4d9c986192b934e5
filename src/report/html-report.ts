import { readFile } from 'node:fs/promises';
import type { RunMark } from '../telemetry/run-reading.js';
import { type Ceiling, OPERATION_CHARTS, qualityCharts } from './charts.js';
import { type SeriesTable, thinned } from './series-table.js';
import type { TextTable } from './tables.js';
import { chartScript, chartStyle, webFile } from './web-assets.js';

/** Points drawn a chart, both runs together; more would not be seen, and the page stays below 1 MB. */
const MOST_POINTS = 1500;
const DIGITS = 5;

/** One run as the report shows it. */
export interface ReportedRun {
  readonly name: string;
  /** Names and values that stand above the pictures. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Null where nothing is known of the end of the run. */
  readonly metrics: TextTable | null;
  readonly drift: TextTable | null;
  readonly badDays: TextTable | null;
  readonly quality: SeriesTable;
  /** Null where it was not recorded. */
  readonly operation: SeriesTable | null;
  readonly marks: readonly RunMark[];
  readonly ceiling: Ceiling | null;
  /** The configuration as YAML; null where it is not known. */
  readonly config: string | null;
}

/**
 * One self-contained HTML page of a run, or of two side by side: no request leaves it, it follows the reader's dark or
 * light setting, it reads aloud, and prints. At most 1 MB.
 */
export async function htmlReport(title: string, runs: readonly ReportedRun[]): Promise<string> {
  const script = `${await chartScript()}\n${await readFile(webFile('report.js'), 'utf8')}`;
  const most = Math.floor(MOST_POINTS / runs.length);
  const data = {
    charts: qualityCharts(runs.length === 1 ? runs[0]!.ceiling : null, true),
    operationCharts: OPERATION_CHARTS,
    runs: runs.map(({ name, quality, operation, marks }) => ({
      name,
      quality: drawn(quality, most),
      operation: operation === null ? null : drawn(operation, most),
      marks: marks.filter(({ kind }) => kind !== 'notice'),
    })),
  };
  const total = runs.reduce((sum, { quality }) => sum + quality.rows.length, 0);
  const shown = data.runs.reduce((sum, { quality }) => sum + quality.rows.length, 0);
  const note =
    shown < total ? `${shown} of ${total} points are drawn, evenly thinned.` : `All ${total} points are drawn.`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${await chartStyle()}</style>
<main>
<header class="top"><h1>${escapeHtml(title)}</h1></header>
${runs.map((run) => runHtml(run, runs.length > 1)).join('\n')}
<section class="grid" id="quality" aria-label="How good the model is"></section>
<div id="operation-part"><h2 id="h-operation">How the run fared</h2><section class="grid" id="operation" aria-labelledby="h-operation"></section></div>
<p class="note">${note} The numbers stand beside this page as CSV.</p>
${runs.map(({ name, config }) => (config === null ? '' : `<details><summary>Configuration${runs.length > 1 ? ` of ${escapeHtml(name)}` : ''}</summary><pre>${escapeHtml(config)}</pre></details>`)).join('\n')}
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${script}</script>
</html>
`;
}

function runHtml({ name, facts, metrics, drift, badDays }: ReportedRun, named: boolean): string {
  const tiles = facts.map(
    ([fact, value]) => `<div class="tile"><dt>${escapeHtml(fact)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const of = named ? `, ${name}` : '';
  return `${named ? `<h2>${escapeHtml(name)}</h2>` : ''}
<dl class="tiles facts">${tiles.join('')}</dl>
${metrics === null ? '' : tableHtml(`Scored before learned${of}`, metrics)}
${drift === null || drift.rows.length === 0 ? '' : tableHtml(`Drift alarms and the rows around them${of}`, drift)}
${badDays === null || badDays.rows.length === 0 ? '' : tableHtml(`Bad days: why the ranking fell${of}`, badDays)}`;
}

function tableHtml(title: string, { header, rows }: TextTable): string {
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const body = rows.map(({ domain, cells: [first = '', ...rest] }) => {
    const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr class="${domain ?? 'part'}"><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  return `<section class="card table" aria-label="${escapeHtml(title)}"><h3>${escapeHtml(title)}</h3><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div></section>`;
}

function drawn(table: SeriesTable, most: number): SeriesTable {
  const { columns, rows } = thinned(table, most);
  return { columns, rows: rows.map((row) => row.map(rounded)) };
}

function rounded(value: number | null): number | null {
  return value === null || Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
