import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { findLogs } from '../inspection/proposal/find-logs.js';
import { type Proposal, propose } from '../inspection/proposal/propose.js';
import { writeConfiguration } from '../inspection/proposal/write-configuration.js';
import { TakeGuesses, TerminalQuestions } from './deciders.js';
import { shellWord } from './shell-word.js';

interface InitFlags {
  readonly from: string;
  readonly out: string;
  readonly yes: boolean;
  readonly force: boolean;
}

export function initCommand(): Command {
  return new Command('init')
    .description('Propose a configuration for your own logs, from their first records, with a reason for every guess.')
    .requiredOption('--from <path>', 'one log, a folder with the logs of both domains, or a glob')
    .requiredOption('-o, --out <file>', 'configuration to write (YAML)')
    .option('-y, --yes', 'take every guess, ask nothing', false)
    .option('--force', 'replace the file of --out', false)
    .action(async ({ from, out, yes, force }: InitFlags) => {
      if (existsSync(out) && !force) {
        throw new DadinError('DADIN_USAGE', `${out} is there already`, {
          step: 'init',
          remedy: 'name another file, or replace it with --force',
        });
      }
      const questions = yes ? null : terminal();
      try {
        const proposal = await propose(await findLogs(from), questions ?? new TakeGuesses());
        const directory = dirname(resolve(out));
        const text = await writeConfiguration(proposal, directory, schemaPath(directory));
        await write(out, text);
        process.stdout.write(summary(proposal, out));
      } finally {
        questions?.close();
      }
    });
}

function terminal(): TerminalQuestions {
  if (process.stdin.isTTY) return new TerminalQuestions();
  throw new DadinError('DADIN_USAGE', 'there is no terminal to ask on', {
    step: 'init',
    remedy: 'take every guess with --yes, then correct the file',
  });
}

/** The schema of this package, for editors; a URL has no use for a path. */
function schemaPath(directory: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  const schema = join('schemas', 'dadin-config.schema.json');
  while (!existsSync(join(folder, schema)) && folder !== dirname(folder)) folder = dirname(folder);
  return relative(directory, join(folder, schema)).replaceAll('\\', '/');
}

async function write(out: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(resolve(out)), { recursive: true });
    await writeFile(out, text);
  } catch (cause) {
    throw new DadinError('DADIN_SINK_WRITE', `cannot write ${out}`, { step: 'init', cause });
  }
}

function summary({ logs, ignored, sharedFeatures }: Proposal, out: string): string {
  const lines = logs.flatMap(({ log, domain, userId, itemId, eventTime, label, kind, features }) => {
    const role = typeof domain.value === 'string' ? domain.value : `both domains, by ${domain.value.column}`;
    return [
      `${role}: ${log.files.map((file) => relative(process.cwd(), file)).join(', ')}`,
      `  domain    ${domain.why}`,
      `  user      ${userId.value}: ${userId.why}`,
      `  item      ${itemId.value}: ${itemId.why}`,
      `  time      ${eventTime.value.column}: ${eventTime.why}`,
      ...(kind === null ? [] : [`  kind      ${kind.value.column}: ${kind.why}`]),
      `  label     ${'column' in label.value ? `${label.value.column}: ` : ''}${label.why}`,
      `  features  ${features.features.map(({ name }) => name).join(', ') || 'none'}`,
      ...(features.leftOut.length === 0 ? [] : [`  left out  ${features.leftOut.join(', ')}`]),
      '',
    ];
  });
  return [
    ...lines,
    ...(sharedFeatures.length === 0 ? [] : [`shared features: ${sharedFeatures.map(({ value }) => value).join(', ')}`]),
    ...(ignored.length === 0
      ? []
      : [`files of neither domain: ${ignored.map((file) => relative(process.cwd(), file)).join(', ')}`]),
    `written ${out}: read its comments, correct what is wrong`,
    '',
    'next',
    `  npx dadin-stream validate --config ${shellWord(out)}`,
    `  npx dadin-stream replay --config ${shellWord(out)}`,
    '',
  ].join('\n');
}
