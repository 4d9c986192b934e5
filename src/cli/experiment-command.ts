import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { LEADERBOARD_ENTRIES, type LeaderboardOptions, leaderboard } from '../experiments/leaderboard.js';
import { leaderboardHtml, leaderboardMarkdown } from '../experiments/leaderboard-text.js';
import { moonsCommand } from './moons-command.js';
import { shellWord } from './shell-word.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface LeaderboardFlags {
  readonly config?: string;
  readonly synthetic: string;
  readonly events?: number;
  readonly set: readonly string[];
  readonly seeds: number;
  readonly only?: string;
  readonly out: string;
  readonly json: boolean;
}

export function experimentCommand(): Command {
  return new Command('experiment')
    .description("The paper's comparisons, prequentially: scored before learned, on any log.")
    .addCommand(leaderboardCommand())
    .addCommand(moonsCommand());
}

function leaderboardCommand(): Command {
  return new Command('leaderboard')
    .description('Twelve models, and what each part of the recipe brings, on the same events in one pass a seed.')
    .option('-c, --config <file>', 'configuration (YAML) of the log; its presets are replaced by those of the entries')
    .option('--synthetic <preset>', 'without --config: kind of generated stream', 'test')
    .option('-n, --events <n>', "without --config: events of the stream (default: the preset's)", wholeNumber(1000))
    .option('-s, --set <key=value>', 'override a key for all entries (repeatable)', collect, [])
    .option('--seeds <n>', 'repetitions: seeds 1 to n of the learner, and of a generated stream', wholeNumber(1), 10)
    .option('--only <names>', `comma-separated entries: ${LEADERBOARD_ENTRIES.join(', ')}`)
    .option('-o, --out <dir>', 'directory of leaderboard.md, .html and .json', 'runs/leaderboard')
    .option('--json', 'print the board as one JSON object', false)
    .action(async (flags: LeaderboardFlags) => {
      const stop = stopOnSignals(() => process.stderr.write('stopping after this seed\n'));
      try {
        const options = await optionsOf(flags, stop.signal);
        const board = await leaderboard(options);
        const command = commandOf(flags);
        const markdown = leaderboardMarkdown(board, command);
        const out = resolve(flags.out);
        await mkdir(out, { recursive: true });
        await writeFile(join(out, 'leaderboard.md'), markdown);
        await writeFile(join(out, 'leaderboard.html'), leaderboardHtml(board, command));
        await writeFile(join(out, 'leaderboard.json'), `${JSON.stringify({ command, ...board }, null, 2)}\n`);
        process.stdout.write(flags.json ? `${JSON.stringify(board)}\n` : `${markdown}\nwritten to ${out}\n`);
      } finally {
        stop.release();
      }
    });
}

async function optionsOf(flags: LeaderboardFlags, stop: AbortSignal): Promise<LeaderboardOptions> {
  const only = flags.only?.split(',').map((name) => name.trim()) ?? null;
  const unknown = only?.find((name) => !LEADERBOARD_ENTRIES.includes(name));
  if (unknown !== undefined) {
    throw new DadinError('DADIN_USAGE', `no entry is called ${unknown}`, {
      step: 'configure',
      got: unknown,
      expected: LEADERBOARD_ENTRIES.join(', '),
    });
  }
  const events = flags.events === undefined ? [] : [`input.synthetic.events=${flags.events}`];
  const stream = flags.config === undefined ? [`input.synthetic.preset=${flags.synthetic}`, ...events] : [];
  return {
    yaml: flags.config === undefined ? null : await readFile(flags.config, 'utf8'),
    fileName: flags.config ?? 'defaults',
    overrides: [...stream, ...flags.set],
    baseDirectory: flags.config === undefined ? process.cwd() : dirname(resolve(flags.config)),
    seeds: Array.from({ length: flags.seeds }, (_, i) => i + 1),
    only,
    stop,
    onProgress: progress(),
  };
}

/** A line when a seed starts, and at powers of two. */
function progress(): LeaderboardOptions['onProgress'] {
  let current = 0;
  let next = 0;
  return (seed, events) => {
    if (seed !== current) {
      current = seed;
      next = 4096;
      process.stderr.write(`seed ${seed}\n`);
    }
    if (events < next) return;
    process.stderr.write(`  ${events} events\n`);
    next *= 2;
  };
}

function commandOf({ config, synthetic, events, set, seeds, only }: LeaderboardFlags): string {
  return [
    'dadin-stream experiment leaderboard',
    ...(config === undefined ? ['--synthetic', synthetic] : ['--config', shellWord(config)]),
    ...(events === undefined ? [] : ['--events', String(events)]),
    ...set.flatMap((key) => ['--set', shellWord(key)]),
    '--seeds',
    String(seeds),
    ...(only === undefined ? [] : ['--only', shellWord(only)]),
  ].join(' ');
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
