import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { type SimulateReport, simulate } from '../../pipelines/simulate.js';
import { defaultConfig } from '../config/index.js';
import { DadinError, DOMAINS } from '../core/index.js';
import { fixed, percent, table } from '../inspection/figures.js';
import { SYNTHETIC_PRESETS } from '../sources/synthetic/index.js';
import { collect } from './learning-options.js';
import { shellWord } from './shell-word.js';
import { sendToKafka } from './simulate-to-kafka.js';
import { wholeNumber } from './whole-number.js';

interface SimulateFlags {
  readonly events?: number;
  readonly seed: number;
  readonly to: 'files' | 'kafka';
  readonly out?: string;
  readonly rate?: number;
  readonly config?: string;
  readonly set: readonly string[];
  readonly preset: string;
  readonly format: 'csv' | 'jsonl';
  readonly messages: boolean;
  readonly json: boolean;
}

/** First words of the configuration that a simulation writes. */
const OWN_CONFIGURATION = '# Synthetic stream';

export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'Write a synthetic two-domain click stream with its truth, and a configuration that learns from it; or send it to Kafka.',
    )
    .addOption(new Option('--to <where>', 'where the stream goes').choices(['files', 'kafka']).default('files'))
    .option('-o, --out <dir>', 'files: their directory; made if missing')
    .option('-n, --events <n>', "events of both domains together (default: the preset's)", wholeNumber(1))
    .option('--seed <n>', 'seed of the stream', wholeNumber(0), 1)
    .addOption(
      new Option('--preset <name>', 'kind of stream').choices(Object.keys(SYNTHETIC_PRESETS)).default('default'),
    )
    .option('--rate <n>', 'kafka: events a second (default: as fast as brokers take them)', wholeNumber(1))
    .option('-c, --config <file>', 'kafka: configuration with the cluster, the topics and their formats')
    .option('-s, --set <key=value>', 'kafka: override a key of it, as in --set kafka.brokers=[HOST:PORT]', collect, [])
    .addOption(new Option('--format <format>', 'files: of the logs').choices(['csv', 'jsonl']).default('csv'))
    .option('--messages', 'impressions and clicks as separate messages: clicks late, some messages twice', false)
    .option('--json', 'print the report as one JSON object', false)
    .action(async (flags: SimulateFlags) => {
      if (flags.to === 'kafka') await sendToKafka(flags, overrides(flags));
      else await writeFiles(flags);
    });
}

async function writeFiles(flags: SimulateFlags): Promise<void> {
  const { out } = flags;
  if (out === undefined) {
    throw new DadinError('DADIN_USAGE', 'where are the files to lie?', {
      step: 'simulate',
      remedy: 'give a directory with --out, or --to kafka',
    });
  }
  await refuseForeignConfiguration(out);
  const { synthetic } = defaultConfig(overrides(flags)).input;
  const bar = process.stderr.isTTY
    ? new SingleBar({ stream: process.stderr, clearOnComplete: true, hideCursor: true })
    : null;
  let report: SimulateReport;
  try {
    let started = false;
    report = await simulate({
      synthetic,
      out,
      format: flags.format,
      onProgress: (rows, of) => {
        if (!started) bar?.start(of, 0);
        started = true;
        bar?.update(rows);
      },
    });
  } finally {
    bar?.stop();
  }
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : simulateText(report));
}

function overrides({ events, seed, preset, messages }: SimulateFlags): string[] {
  return [
    `input.synthetic.preset=${preset}`,
    `input.synthetic.seed=${seed}`,
    ...(events === undefined ? [] : [`input.synthetic.events=${events}`]),
    ...(messages ? ['input.synthetic.messages={}'] : []),
  ];
}

function simulateText({ files, domains }: SimulateReport): string {
  const rows = DOMAINS.map((domain) => {
    const { impressions, clicks, bayesAuc } = domains[domain];
    const rate = percent(impressions === 0 ? null : clicks / impressions);
    return [domain, String(impressions), String(clicks), rate, fixed(bayesAuc)];
  });
  return [
    ...table([['', 'impressions', 'clicks', 'click rate', 'best possible AUC'], ...rows]),
    '',
    'written',
    ...files.map((file) => `  ${file}`),
    '',
    'next',
    `  npx dadin-stream replay --config ${shellWord(files.at(-1)!)}`,
    '',
  ].join('\n');
}

/** A simulation replaces an earlier one, never somebody's own configuration. */
async function refuseForeignConfiguration(out: string): Promise<void> {
  const path = join(out, 'config.yaml');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null || text.startsWith(OWN_CONFIGURATION)) return;
  throw new DadinError('DADIN_USAGE', `${path} was not written by simulate and would be overwritten`, {
    step: 'simulate',
    remedy: 'give another directory with --out',
  });
}
