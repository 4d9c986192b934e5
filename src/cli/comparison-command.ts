import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import type { Entry } from '../experiments/entries.js';
import { type LeaderboardOptions, leaderboard } from '../experiments/leaderboard.js';
import { chosenEntries, collect, writeBoard } from './board-files.js';
import { shellWord } from './shell-word.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

/** A comparison that learns all its entries in one pass a seed. */
interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly entries: readonly Entry[];
}

interface ComparisonFlags {
  readonly config?: string;
  readonly synthetic: string;
  readonly events?: number;
  readonly set: readonly string[];
  readonly seeds: number;
  readonly only?: string;
  readonly out: string;
  readonly json: boolean;
}

export function comparisonCommand(comparison: Comparison): Command {
  const { name, title, description, entries } = comparison;
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'configuration (YAML) of the log; its presets are replaced by those of the entries')
    .option('--synthetic <preset>', 'without --config: kind of generated stream', 'test')
    .option('-n, --events <n>', "without --config: events of the stream (default: the preset's)", wholeNumber(1000))
    .option('-s, --set <key=value>', 'override a key for all entries (repeatable)', collect, [])
    .option('--seeds <n>', 'repetitions: seeds 1 to n of the learner, and of a generated stream', wholeNumber(1), 10)
    .option('--only <names>', `comma-separated entries: ${entries.map((entry) => entry.name).join(', ')}`)
    .option('-o, --out <dir>', `directory of ${name}.md, .html and .json`, `runs/${name}`)
    .option('--json', 'print the board as one JSON object', false)
    .action(async (flags: ComparisonFlags) => {
      const stop = stopOnSignals(() => process.stderr.write('stopping after this seed\n'));
      try {
        const options = await optionsOf(comparison, flags, stop.signal);
        const board = await leaderboard(options);
        const command = commandOf(name, flags);
        const text = await writeBoard({ name, title, command, out: flags.out }, board);
        process.stdout.write(flags.json ? `${JSON.stringify(board)}\n` : text);
      } finally {
        stop.release();
      }
    });
}

async function optionsOf(
  { entries }: Comparison,
  flags: ComparisonFlags,
  stop: AbortSignal,
): Promise<LeaderboardOptions> {
  const events = flags.events === undefined ? [] : [`input.synthetic.events=${flags.events}`];
  const stream = flags.config === undefined ? [`input.synthetic.preset=${flags.synthetic}`, ...events] : [];
  return {
    yaml: flags.config === undefined ? null : await readFile(flags.config, 'utf8'),
    fileName: flags.config ?? 'defaults',
    overrides: [...stream, ...flags.set],
    baseDirectory: flags.config === undefined ? process.cwd() : dirname(resolve(flags.config)),
    seeds: Array.from({ length: flags.seeds }, (_, i) => i + 1),
    entries: chosenEntries(entries, flags.only),
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

function commandOf(name: string, { config, synthetic, events, set, seeds, only }: ComparisonFlags): string {
  return [
    `dadin-stream experiment ${name}`,
    ...(config === undefined ? ['--synthetic', synthetic] : ['--config', shellWord(config)]),
    ...(events === undefined ? [] : ['--events', String(events)]),
    ...set.flatMap((key) => ['--set', shellWord(key)]),
    '--seeds',
    String(seeds),
    ...(only === undefined ? [] : ['--only', shellWord(only)]),
  ].join(' ');
}
