import { type Chart, chartScript, chartStyle, type SeriesTable } from '../report/index.js';
import type { InterestWeights, LossCurve, LossPoint, PaperFigures } from './figures.js';

const COLORS = ['target', 'source', 'third', 'fourth'] as const;

type Loss = Exclude<keyof LossPoint, 'events' | 'eventTimeMs'>;

const PICTURES: readonly {
  readonly of: Loss;
  readonly title: string;
  readonly caption: string;
  readonly confused?: true;
}[] = [
  { of: 'label', title: 'Loss1: labels', caption: 'Cross entropy of the labels, nats a row.' },
  {
    of: 'global',
    title: 'Loss2: global discriminator, in units of H',
    caption: 'L_d over that of a confused discriminator: 1 is confused.',
    confused: true,
  },
  {
    of: 'intraClass',
    title: 'Loss3: intra-class discriminators, in units of H',
    caption: 'alpha L_d0 + (1 - alpha) L_d1 over that of a confused discriminator.',
    confused: true,
  },
  { of: 'total', title: 'Loss1 + Loss2 + Loss3', caption: 'As weighted by the setting, nats.' },
  { of: 'reversal', title: 'Gradient reversal', caption: 'Strength that the governor allows.' },
];

/** Figure 8 as a table: where a point stands, then each loss of each setting. */
export function lossTable(losses: readonly LossCurve[]): SeriesTable {
  const longest = losses.reduce<readonly LossPoint[]>((a, { points }) => (points.length > a.length ? points : a), []);
  return {
    columns: ['events', 'eventTimeMs', ...PICTURES.flatMap(({ of }) => losses.map((curve) => columnOf(of, curve)))],
    rows: longest.map(({ events, eventTimeMs }, i) => [
      events,
      eventTimeMs,
      ...PICTURES.flatMap(({ of }) => losses.map(({ points }) => points[i]?.[of] ?? null)),
    ]),
  };
}

/** Figure 7 as a table of numbers. */
export function interestCsv({ clicked, notClicked }: PaperFigures['interest']): string {
  const line = (name: string, weights: InterestWeights | null) => [name, ...(weights ?? ['', '', ''])].join(',');
  const mean = meanOfBoth(clicked, notClicked);
  return [
    'rows,user,targetHistory,sourceHistory',
    line('clicked', clicked),
    line('notClicked', notClicked),
    line('mean', mean),
    '',
  ].join('\r\n');
}

/** Both figures as one self-contained page. */
export async function figuresHtml({ interest, losses, steps }: PaperFigures, command: string): Promise<string> {
  const charts = PICTURES.map(
    ({ of, title, caption, confused }): Chart => ({
      id: of,
      title,
      caption,
      format: 'plain',
      lines: losses.map((curve, i) => ({
        key: columnOf(of, curve),
        label: `λ2 ${curve.lambda2}, λ3 ${curve.lambda3}`,
        color: COLORS[i]!,
      })),
      marks: confused === undefined ? [] : [{ label: 'confused', y: 1, color: 'third' }],
    }),
  );
  const data = { charts, runs: [{ name: '', table: lossTable(losses), marks: [] }] };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figures 7 and 8 of the paper</title>
<style>${await chartStyle()}
.heat{border-collapse:separate;border-spacing:3px}.heat th{text-align:left;font-weight:500;padding:.3rem .8rem}.heat td{padding:.8rem 1.4rem;text-align:center;color:#111}</style>
<main>
<header class="top"><h1>Figures 7 and 8 of the paper</h1></header>
<p><code>${escaped(command)}</code></p>
<h2>Figure 7: interest weights by label</h2>
${heatMap(interest)}
<p class="note">Mean over the second half of ${steps} steps of the weights of the target rows in each. The order, and whether they are above 1, is found and not asserted.</p>
<h2>Figure 8: losses by λ2 and λ3</h2>
<section class="grid" id="losses" aria-label="Losses"></section>
<p class="note">The numbers stand beside this page as CSV.</p>
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${await chartScript()}
{ const { charts, runs } = JSON.parse(document.getElementById('data').textContent);
dadinCharts.draw(document.getElementById('losses'), charts, runs); }</script>
</html>
`;
}

function heatMap({ clicked, notClicked }: PaperFigures['interest']): string {
  const rows = [
    ['clicked', clicked],
    ['not clicked', notClicked],
    ['mean', meanOfBoth(clicked, notClicked)],
  ] as const;
  const all = rows.flatMap(([, weights]) => weights ?? []);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const cell = (value: number) => {
    const lightness = 94 - 40 * ((value - low) / (high - low || 1));
    return `<td style="background:hsl(210 70% ${lightness.toFixed(0)}%)">${value.toFixed(4)}</td>`;
  };
  const head = ['', 'v user', 'v target history', 'v source history'].map((name) => `<th scope="col">${name}</th>`);
  const body = rows.map(
    ([name, weights]) =>
      `<tr><th scope="row">${name}</th>${weights === null ? '<td colspan="3">no such rows</td>' : weights.map(cell).join('')}</tr>`,
  );
  return `<table class="heat"><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function meanOfBoth(a: InterestWeights | null, b: InterestWeights | null): InterestWeights | null {
  if (a === null || b === null) return null;
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

function columnOf(of: Loss, { lambda2, lambda3 }: LossCurve): string {
  return `${of}_${lambda2}_${lambda3}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
