import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ABLATIONS, OFFLINE } from '../experiments/entries.js';
import {
  OFFLINE_SIZES,
  type OfflineOptions,
  type OfflineRun,
  type OfflineSize,
  offline,
} from '../experiments/offline.js';
import { chosenEntries, collect, writeBoard } from './board-files.js';
import { shellWord } from './shell-word.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface OfflineFlags {
  readonly config?: string;
  readonly synthetic: string;
  readonly events?: number;
  readonly set: readonly string[];
  readonly seeds: number;
  readonly only?: string;
  readonly ablations: boolean;
  readonly size: OfflineSize;
  readonly split: 'paper' | 'time';
  readonly trainShare: number;
  readonly crossShare: number;
  readonly sourceUsers: 'train' | 'all';
  readonly epochs: number;
  readonly patience: number;
  readonly out?: string;
  readonly json: boolean;
}

/** Shares of the target's rows with --split time. */
const TIME_SHARES = [0.7, 0.15] as const;

/** A generated stream lasts four days: algorithm 2 evaluates the last. */
const SYNTHETIC_HOURS = 96;

export function offlineCommand(): Command {
  return new Command('offline')
    .description(
      "The paper's own protocol: algorithm 2 cuts the log, epochs of Adam with early stopping, AUC and log loss on the last day. Table 3, or Table 4 with --ablations.",
    )
    .option('-c, --config <file>', 'configuration (YAML) of the log')
    .option('--synthetic <preset>', `without --config: kind of generated stream, over ${SYNTHETIC_HOURS} hours`, 'test')
    .option('-n, --events <n>', "without --config: events of the stream (default: the preset's)", wholeNumber(1000))
    .option('-s, --set <key=value>', 'override a key for all entries (repeatable)', collect, [])
    .option(
      '--seeds <n>',
      'sets of data: seeds 1 to n of the shuffle, the learners and a generated stream',
      wholeNumber(1),
      10,
    )
    .option('--ablations', "Table 4: DADIN's nine ablations instead of Table 3", false)
    .option('--only <names>', `comma-separated entries: ${OFFLINE.map(({ name }) => name).join(', ')}`)
    .addOption(
      new Option(
        '--size <size>',
        'paper: widths, rates and batches of Table 2; small: width 16, batches of 256, rate 1e-3',
      )
        .choices(OFFLINE_SIZES)
        .default('small'),
    )
    .addOption(
      new Option(
        '--split <how>',
        `paper: algorithm 2; time: ${TIME_SHARES.join(', ')} and the rest of the target's rows`,
      )
        .choices(['paper', 'time'])
        .default('paper'),
    )
    .option('--train-share <share>', 'A_train: share of the target users that are trained on', share, 0.6)
    .option('--cross-share <share>', 'A_cross: share of those whose last day is evaluated', share, 0.2)
    .addOption(
      new Option('--source-users <who>', 'whose source rows are trained on: those of train users, or of all users')
        .choices(['train', 'all'])
        .default('train'),
    )
    .option('--epochs <n>', 'epochs at most', wholeNumber(1), 20)
    .option('--patience <n>', 'epochs in a row without a better validation AUC that end training', wholeNumber(1), 2)
    .option('-o, --out <dir>', 'directory of the .md, .html and .json (default: runs/offline, runs/offline-ablations)')
    .option('--json', 'print the board as one JSON object', false)
    .action(async (flags: OfflineFlags) => {
      const stop = stopOnSignals(() => process.stderr.write('stopping after this seed\n'));
      try {
        const { board, runs } = await offline(await optionsOf(flags, stop.signal));
        const name = flags.ablations ? 'offline-ablations' : 'offline';
        const files = {
          name,
          title: flags.ablations ? "Offline: the paper's table 4" : "Offline: the paper's table 3",
          command: commandOf(flags),
          out: flags.out ?? `runs/${name}`,
          appendix: epochsMarkdown(runs),
          further: { runs },
        };
        const text = await writeBoard(files, board);
        process.stdout.write(flags.json ? `${JSON.stringify({ ...board, runs })}\n` : text);
      } finally {
        stop.release();
      }
    });
}

async function optionsOf(flags: OfflineFlags, stop: AbortSignal): Promise<OfflineOptions> {
  const { config, synthetic, events, trainShare, crossShare, sourceUsers } = flags;
  const length = events === undefined ? [] : [`input.synthetic.events=${events}`];
  const stream = [`input.synthetic.preset=${synthetic}`, `input.synthetic.hours=${SYNTHETIC_HOURS}`, ...length];
  return {
    yaml: config === undefined ? null : await readFile(config, 'utf8'),
    fileName: config ?? 'defaults',
    overrides: [...(config === undefined ? stream : []), ...flags.set],
    baseDirectory: config === undefined ? process.cwd() : dirname(resolve(config)),
    seeds: Array.from({ length: flags.seeds }, (_, i) => i + 1),
    entries: chosenEntries(flags.ablations ? ABLATIONS : OFFLINE, flags.only),
    size: flags.size,
    split: flags.split === 'time' ? TIME_SHARES : { trainShare, crossShare, sourceUsers },
    maxEpochs: flags.epochs,
    patience: flags.patience,
    stop,
    onTrained: ({ seed, name, validation, bestEpoch }) => {
      const best = validation[bestEpoch - 1]!.toFixed(4);
      process.stderr.write(
        `seed ${seed}  ${name.padEnd(24)} epoch ${bestEpoch} of ${validation.length}, validation AUC ${best}\n`,
      );
    },
  };
}

function epochsMarkdown(runs: readonly OfflineRun[]): string {
  const names = [...new Set(runs.map(({ name }) => name))];
  return [
    '',
    '| entry | best epoch of those run, by seed |',
    '| --- | --- |',
    ...names.map((entry) => {
      const of = runs.filter(({ name }) => name === entry);
      return `| ${entry} | ${of.map(({ bestEpoch, validation }) => `${bestEpoch} of ${validation.length}`).join(', ')} |`;
    }),
    '',
  ].join('\n');
}

function commandOf(flags: OfflineFlags): string {
  const { config, synthetic, events, set, only, ablations, size, split, sourceUsers } = flags;
  return [
    'dadin-stream experiment offline',
    ...(config === undefined ? ['--synthetic', synthetic] : ['--config', shellWord(config)]),
    ...(events === undefined ? [] : ['--events', String(events)]),
    ...set.flatMap((key) => ['--set', shellWord(key)]),
    ...(ablations ? ['--ablations'] : []),
    ...(only === undefined ? [] : ['--only', shellWord(only)]),
    `--size ${size} --split ${split}`,
    ...(split === 'time'
      ? []
      : [`--train-share ${flags.trainShare} --cross-share ${flags.crossShare} --source-users ${sourceUsers}`]),
    `--epochs ${flags.epochs} --patience ${flags.patience} --seeds ${flags.seeds}`,
  ].join(' ');
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('A share in (0, 1].');
  return value;
}
