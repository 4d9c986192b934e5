import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { type PaperFigures, paperFigures } from '../experiments/figures.js';
import { figuresHtml, interestCsv, lossTable } from '../experiments/figures-page.js';
import { toCsv } from '../report/index.js';
import { collect } from './board-files.js';
import { shellWord } from './shell-word.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface FiguresFlags {
  readonly config?: string;
  readonly synthetic: string;
  readonly events?: number;
  readonly set: readonly string[];
  readonly out: string;
  readonly json: boolean;
}

export function figuresCommand(): Command {
  return new Command('figures')
    .description(
      "The paper's figures 7 and 8: interest weights by label, and the losses under four settings of lambda2 and lambda3, each a pass over the log.",
    )
    .option('-c, --config <file>', 'configuration (YAML) of the log')
    .option('--synthetic <preset>', 'without --config: kind of generated stream', 'test')
    .option('-n, --events <n>', "without --config: events of the stream (default: the preset's)", wholeNumber(1000))
    .option('-s, --set <key=value>', 'override a key in all settings (repeatable)', collect, [])
    .option('-o, --out <dir>', 'directory of figures.html, figure-7.csv and figure-8.csv', 'runs/figures')
    .option('--json', 'print the figures as one JSON object', false)
    .action(async (flags: FiguresFlags) => {
      const stop = stopOnSignals(() => process.stderr.write('stopping after this setting\n'));
      try {
        const { config, synthetic, events } = flags;
        const length = events === undefined ? [] : [`input.synthetic.events=${events}`];
        const figures = await paperFigures({
          yaml: config === undefined ? null : await readFile(config, 'utf8'),
          fileName: config ?? 'defaults',
          overrides: [
            ...(config === undefined ? [`input.synthetic.preset=${synthetic}`, ...length] : []),
            ...flags.set,
          ],
          baseDirectory: config === undefined ? process.cwd() : dirname(resolve(config)),
          stop: stop.signal,
          onSetting: (lambda2, lambda3) => process.stderr.write(`lambda2 ${lambda2}, lambda3 ${lambda3}\n`),
        });
        const out = resolve(flags.out);
        await mkdir(out, { recursive: true });
        await writeFile(join(out, 'figures.html'), await figuresHtml(figures, commandOf(flags)));
        await writeFile(join(out, 'figure-7.csv'), interestCsv(figures.interest));
        await writeFile(join(out, 'figure-8.csv'), toCsv(lossTable(figures.losses)));
        process.stdout.write(flags.json ? `${JSON.stringify(figures)}\n` : `${summary(figures)}written to ${out}\n`);
      } finally {
        stop.release();
      }
    });
}

/** Figure 7, and where the curves of figure 8 end. */
function summary({ interest, losses }: PaperFigures): string {
  const number = (value: number | null | undefined) => (value ?? Number.NaN).toFixed(4).padStart(9);
  const weights = Object.entries({ clicked: interest.clicked, 'not clicked': interest.notClicked }).map(
    ([rows, of]) => `${rows.padEnd(24)}${of === null ? '  no such rows' : of.map(number).join('')}`,
  );
  const ends = losses.map(({ lambda2, lambda3, points }) => {
    const { label, global, intraClass, total } = points.at(-1) ?? {};
    return `${`lambda2 ${lambda2}, lambda3 ${lambda3}`.padEnd(24)}${[label, global, intraClass, total].map(number).join('')}`;
  });
  return [
    `interest weights             user   target   source`,
    ...weights,
    `losses at the end           Loss1  Loss2/H  Loss3/H    total`,
    ...ends,
    '',
  ].join('\n');
}

function commandOf({ config, synthetic, events, set }: FiguresFlags): string {
  return [
    'dadin-stream experiment figures',
    ...(config === undefined ? ['--synthetic', synthetic] : ['--config', shellWord(config)]),
    ...(events === undefined ? [] : ['--events', String(events)]),
    ...set.flatMap((key) => ['--set', shellWord(key)]),
  ].join(' ');
}
