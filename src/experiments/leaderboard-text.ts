import { fixed, percent } from '../inspection/figures.js';
import type { Leaderboard, Standing } from './board.js';

const MODEL_HEAD = [
  'model',
  'target AUC',
  '± sd',
  'group',
  'cold users',
  'log loss',
  'dense parameters',
  'embedding rows',
  'DADIN better by (paper)',
  '(usual)',
] as const;

const PART_HEAD = [
  'entry',
  'target AUC',
  '± sd',
  'what the missing part brings',
  '95 % over seeds',
  'wins',
  '95 % over rows, first seed',
  'to cold users',
  '95 % over seeds',
] as const;

/** The leaderboard as Markdown: models, then parts, then how to read it. */
export function leaderboardMarkdown(board: Leaderboard, title: string, command: string): string {
  const { protocol, standings, seeds, events, targetRows, seconds, digest } = board;
  const models = standings.filter(({ kind }) => kind === 'model');
  const parts = standings.filter(({ kind }) => kind === 'part');
  return [
    `# ${title}`,
    '',
    `\`${command}\``,
    '',
    `${seeds.length} seed${seeds.length === 1 ? '' : 's'} (${seeds.join(', ')}), ${events} events and ${targetRows} judged target rows in all, ${seconds.toFixed(0)} s. ${protocol}`,
    '',
    ...(models.length === 0 ? [] : ['## Models', '', ...markdownTable(MODEL_HEAD, models.map(modelRow)), '']),
    ...(parts.length === 0 ? [] : ['## Parts', '', ...markdownTable(PART_HEAD, parts.map(partRow)), '']),
    'Entries that share a letter cannot be told from the best of their group: the paired 95 % interval of the difference',
    "over seeds (Student's t) holds 0. The paper's improvement is (ours - base) / ours, the usual one (ours - base) / base.",
    "The interval over rows is DeLong's for paired scores of the same rows.",
    '',
    `SHA-256 of the figures of every seed: \`${digest}\``,
    '',
  ].join('\n');
}

/** The same as one self-contained page. */
export function leaderboardHtml(board: Leaderboard, title: string, command: string): string {
  const of = (kind: Standing['kind']) => board.standings.filter((standing) => standing.kind === kind);
  const best = Math.max(...board.standings.map(({ mean }) => mean));
  const worst = Math.min(...board.standings.map(({ mean }) => mean), 0.5);
  const section = (
    title: string,
    head: readonly string[],
    standings: readonly Standing[],
    row: (s: Standing) => string[],
  ) =>
    standings.length === 0
      ? ''
      : `<h2>${title}</h2><table><thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')}</tr></thead><tbody>${standings
          .map((standing) => {
            const [name, ...cells] = row(standing);
            const width = (100 * (standing.mean - worst)) / (best - worst || 1);
            return `<tr><th scope="row"><span class="bar" style="width:${width.toFixed(1)}%"></span>${escaped(name!)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
          })
          .join('')}</tbody></table>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}th,td{padding:.35rem .7rem;text-align:right;border-bottom:1px solid #8884;white-space:nowrap}th[scope=row]{text-align:left;position:relative;font-weight:500;min-width:14rem}.bar{position:absolute;left:0;bottom:0;height:3px;background:#3b7dd8}</style>
<h1>${escaped(title)}</h1><p><code>${escaped(command)}</code></p>
<p>${board.seeds.length} seeds, ${board.events} events, ${board.targetRows} judged target rows. ${escaped(board.protocol)}</p>
${section('Models', MODEL_HEAD, of('model'), modelRow)}${section('Parts', PART_HEAD, of('part'), partRow)}<p>SHA-256 of the figures of every seed: <code>${board.digest}</code></p></html>
`;
}

function modelRow(s: Standing): string[] {
  return [
    s.name,
    fixed(s.mean, 4),
    fixed(s.deviation, 4),
    s.group,
    fixed(s.cold, 4),
    fixed(s.logLoss, 4),
    String(s.denseParameters),
    s.rows.toFixed(0),
    signedPercent(s.paperImprovement),
    signedPercent(s.usualImprovement),
  ];
}

function partRow({ name, mean, deviation, partGain, coldGain }: Standing): string[] {
  const start = [name, fixed(mean, 4), fixed(deviation, 4)];
  if (partGain === null) return [...start, '-', '-', '-', '-', '-', '-'];
  const { mean: gain, low, high, wins, firstSeed } = partGain;
  return [
    ...start,
    signed(gain),
    between(low, high),
    String(wins),
    firstSeed === null ? '-' : between(...firstSeed),
    coldGain === null ? '-' : signed(coldGain.mean),
    coldGain === null ? '-' : between(coldGain.low, coldGain.high),
  ];
}

function between(low: number, high: number): string {
  return Number.isFinite(low) ? `${signed(low)} to ${signed(high)}` : 'one seed';
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '-'}${Math.abs(value).toFixed(4)}`;
}

function signedPercent(share: number | null): string {
  return share === null ? '-' : `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
