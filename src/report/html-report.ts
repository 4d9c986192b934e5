import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { charts, type MetricsPoint, thinned } from './series.js';

/** Points drawn a chart; more would not be seen. */
const MOST_POINTS = 1500;

export interface ReportInput {
  readonly title: string;
  /** Rows of the table of facts. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Header and rows of the table of metrics. */
  readonly table: { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly points: readonly MetricsPoint[];
  readonly ceiling: Readonly<Record<string, number | null>> | null;
  /** The configuration as YAML. */
  readonly config: string;
}

/** One self-contained HTML page: no request leaves it, it follows the reader's dark or light setting, and prints. */
export async function htmlReport(input: ReportInput): Promise<string> {
  const require = createRequire(import.meta.url);
  const plotScript = await readFile(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const plotStyle = await readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const points = thinned(input.points, MOST_POINTS);
  const drawn = charts(points, input.ceiling);
  const thinning =
    points.length < input.points.length ? ` ${points.length} of ${input.points.length} points are drawn.` : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(input.title)}</title>
<style>${plotStyle}${STYLE}</style>
<main>
<h1>${escapeHtml(input.title)}</h1>
<dl>${input.facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
<div class="scroll"><table>
<thead><tr>${input.table.header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('')}</tr></thead>
<tbody>${input.table.rows.map((row) => `<tr>${row.map((cell, i) => (i === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td>${escapeHtml(cell)}</td>`)).join('')}</tr>`).join('')}</tbody>
</table></div>
${drawn
  .map(
    ({ id, title, caption }) =>
      `<section aria-labelledby="h-${id}"><h2 id="h-${id}">${escapeHtml(title)}</h2><p>${escapeHtml(caption)}${thinning}</p><div id="${id}" role="img" aria-label="${escapeHtml(`${title}. ${caption}`)}"></div></section>`,
  )
  .join('\n')}
<details><summary>Configuration</summary><pre>${escapeHtml(input.config)}</pre></details>
</main>
<script type="application/json" id="data">${JSON.stringify(drawn).replaceAll('<', '\\u003c')}</script>
<script>${plotScript}</script>
<script>${SCRIPT}</script>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
:root { --ink: #1c2024; --soft: #60646c; --line: #e0e3e7; --page: #fcfcfd; --card: #fff; --target: #c2410c; --source: #1d6fb8; --third: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a3a8b0; --line: #2e3135; --page: #111315; --card: #191b1e; --target: #fb923c; --source: #60b4ff; --third: #9ca3af; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; } h2 { font-size: 1.1rem; margin: 0; }
p { color: var(--soft); margin: .25rem 0 .75rem; font-size: .9rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; } th:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 500; } pre { overflow-x: auto; font-size: .8rem; } summary { cursor: pointer; }
.u-legend { font-size: .85rem; text-align: left; }
`;

const SCRIPT = `
const dark = matchMedia('(prefers-color-scheme: dark)');
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const charts = JSON.parse(document.getElementById('data').textContent);
let plots = [];
function draw() {
  for (const plot of plots) plot.destroy();
  plots = charts.map((chart) => {
    const box = document.getElementById(chart.id);
    const hidden = chart.columns.length - 1 - chart.lines.length;
    const axis = { stroke: css('soft'), grid: { stroke: css('line') }, ticks: { stroke: css('line') } };
    const format = (u, v) => v == null ? '–' : v.toFixed(3);
    return new uPlot({
      width: box.clientWidth, height: 260,
      scales: { x: { time: false } },
      axes: [{ ...axis, values: (u, vs) => vs.map((v) => v >= 1e6 ? v / 1e6 + ' M' : v >= 1e3 ? v / 1e3 + ' k' : v) }, axis],
      series: [{ label: 'events' },
        ...chart.lines.map((line, i) => ({ label: line.label, stroke: css(line.color), width: 2, dash: i === 3 ? [6, 4] : undefined, value: format, spanGaps: true, points: { show: false } })),
        ...Array.from({ length: hidden }, () => ({ show: true, stroke: 'transparent', points: { show: false }, label: '', class: 'band' }))],
      bands: chart.lines.flatMap((line) => line.band ? [{ series: [line.band[1], line.band[0]], fill: css(line.color) + '2e' }] : []),
      hooks: { draw: [(u) => { for (const { label, y } of chart.marks) {
        const at = u.valToPos(y, 'y', true), { left, width, top, height } = u.bbox;
        if (at < top || at > top + height) continue;
        const c = u.ctx; c.save(); c.strokeStyle = c.fillStyle = css('soft'); c.setLineDash([3, 5]);
        c.beginPath(); c.moveTo(left, at); c.lineTo(left + width, at); c.stroke();
        c.font = 11 * devicePixelRatio + 'px system-ui'; c.textAlign = 'right'; c.fillText(label, left + width - 4, at - 4); c.restore();
      } }] },
    }, chart.columns, box);
  });
  for (const row of document.querySelectorAll('.u-legend tr.band')) row.remove();
}
draw();
dark.addEventListener('change', draw);
let timer; addEventListener('resize', () => { clearTimeout(timer); timer = setTimeout(draw, 150); });
`;
