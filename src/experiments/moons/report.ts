import { meanAndDeviation } from '../standings.js';
import { PROTOCOLS } from './data.js';
import { type MoonRun, type MoonsResult, VARIANTS } from './experiment.js';

const HEAD = [
  'protocol / variant',
  'target accuracy',
  'where no label was shown',
  'probe specific',
  'probe agnostic',
  'A-distance specific',
  'A-distance agnostic',
  'D† accuracy',
];

/** The table of algorithm C with its acceptance, and what it does and does not show. */
export function moonsMarkdown({ seeds, runs, domainNetwork, acceptance }: MoonsResult): string {
  const rows = PROTOCOLS.flatMap((protocol) =>
    VARIANTS.flatMap((variant) => {
      const of = runs.filter((run) => run.protocol === protocol && run.variant === variant);
      return of.length === 0 ? [] : [[`${protocol} / ${variant}`, ...figures(of)]];
    }),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Moons',
    '',
    `${seeds.length} seeds, mean ± standard deviation. half: a random half of the target labels is shown (the paper's protocol); cold: those`,
    'of one side only; unsup: none.',
    '',
    line(HEAD),
    line(HEAD.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map(line),
    '',
    `A network of the same shape that learns the domain from the points: ${spread(domainNetwork)}.`,
    '',
    ...acceptance.map(({ claim, measured, holds }) => `- ${holds ? 'holds' : 'DOES NOT HOLD'}: ${claim}: ${measured}`),
    '',
    "The paper's own protocol (half) has no head-room: 150 labelled target points solve the task without any source.",
    'What transfer and the adversary bring shows only where target labels are missing.',
    '',
  ].join('\n');
}

function figures(runs: readonly MoonRun[]): string[] {
  const of = (value: (run: MoonRun) => number | undefined | null): string => {
    const values = runs.map(value).filter((x): x is number => x !== null && x !== undefined);
    return values.length === 0 ? '-' : spread(values);
  };
  return [
    of((run) => run.accuracy),
    of((run) => run.hiddenAccuracy),
    of((run) => run.specific?.accuracy),
    of((run) => run.agnostic?.accuracy),
    of((run) => run.specific?.distance),
    of((run) => run.agnostic?.distance),
    of((run) => run.discriminator),
  ];
}

function spread(values: readonly number[]): string {
  const { mean, deviation } = meanAndDeviation(values);
  return `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

export function moonsHtml(
  markdown: string,
  figuresOf: readonly { readonly caption: string; readonly svg: string }[],
): string {
  const pictures = figuresOf.map(({ caption, svg }) => `<figure>${svg}<figcaption>${caption}</figcaption></figure>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Moons</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}pre{overflow-x:auto}.figures{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0;width:420px;max-width:100%}svg{max-width:100%;height:auto;border:1px solid #8886}</style>
<div class="figures">${pictures.join('')}</div><pre>${markdown.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre></html>
`;
}
