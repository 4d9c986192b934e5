import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Config, loadConfig, parseConfig, printConfig } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { reportFiles } from './report-files.js';
import { wholeNumber } from './whole-number.js';

/** Options that `replay` and `run` share. */
export interface LearningFlags {
  readonly config?: string;
  readonly synthetic?: string;
  readonly set: readonly string[];
  readonly checkpoints?: string;
  readonly predictions?: string;
  readonly deadLetters?: string;
  readonly metrics?: string;
  readonly report?: string;
  readonly json: boolean;
  readonly page?: boolean;
  readonly port?: number;
  readonly logFormat: 'text' | 'json';
  readonly printConfig: boolean;
}

export function addLearningOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration (YAML); ready ones lie in configurations/')
    .option(
      '--synthetic <preset>',
      'a generated stream instead: default, test, huawei, claim1, claim2, claim3, claim4, claim6',
    )
    .option('-s, --set <key=value>', 'override a key, as in --set batching.size=64 (repeatable)', collect, [])
    .option('--checkpoints <dir>', 'directory of checkpoints (checkpoint.directory)')
    .option('--predictions <file>', 'CSV of every scored impression (sinks.predictions)')
    .option('--dead-letters <file>', 'JSON Lines of bad and late records (sinks.deadLetters)')
    .option('--metrics <file>', 'JSON Lines of metrics over time (sinks.metrics)')
    .option(
      '--report <file>',
      'HTML page with the pictures of the run; keeps its points beside it where --metrics names no file; replay writes report.html in --checkpoints if left out',
    )
    .option(
      '--port <n>',
      'serve live page, health and metrics on this port (server.port); 0: any free one',
      wholeNumber(0),
    )
    .addOption(
      new Option('--log-format <format>', 'progress and notices on stderr').choices(['text', 'json']).default('text'),
    )
    .option('--json', 'print the summary as one JSON object on stdout and nothing else there', false)
    .option('--print-config', 'print the configuration with all defaults and overrides, and stop', false);
}

/** The configuration that the flags describe, and what its relative paths start from. */
export async function configOf(flags: LearningFlags): Promise<{ config: Config; baseDirectory: string }> {
  const overrides = [
    ...(flags.synthetic === undefined ? [] : syntheticKeys(flags.synthetic)),
    ...flags.set,
    ...fromFlag('checkpoint.directory', flags.checkpoints),
    ...fromFlag('sinks.predictions', flags.predictions),
    ...fromFlag('sinks.deadLetters', flags.deadLetters),
    ...fromFlag('sinks.metrics', flags.metrics ?? metricsBeside(flags.report)),
    ...(flags.port !== undefined ? [`server.port=${flags.port}`] : flags.page ? ['server.port=0'] : []),
  ];
  const given = { env: process.env, overrides };
  if (flags.config !== undefined) {
    return { config: await loadConfig(flags.config, given), baseDirectory: dirname(resolve(flags.config)) };
  }
  if (flags.synthetic === undefined) {
    throw new DadinError('DADIN_USAGE', 'nothing to learn from', {
      step: 'configure',
      remedy: 'give --config FILE, or --synthetic default to try it on a generated stream',
    });
  }
  return { config: parseConfig('', 'defaults', given), baseDirectory: process.cwd() };
}

/** Topics mean the same in both domains of the generated stream. */
function syntheticKeys(preset: string): string[] {
  return ['input.kind=synthetic', `input.synthetic.preset=${preset}`, 'features.shared=[topic]'];
}

export function showConfig(config: Config): void {
  process.stdout.write(printConfig(config));
}

/** A report that was asked for is drawn from a metrics file. */
function metricsBeside(report: string | undefined): string | undefined {
  return report === undefined ? undefined : reportFiles(report).metrics;
}

/** Paths on the command line start from the working directory, those in a file from the file. */
function fromFlag(key: string, path: string | undefined): string[] {
  return path === undefined ? [] : [`${key}=${JSON.stringify(resolve(path))}`];
}

/** Parser of an option that may be repeated. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
