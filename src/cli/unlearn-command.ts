import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { type Unlearned, unlearn } from '../../pipelines/unlearn.js';
import { loadConfig } from '../config/index.js';
import { shellWord } from './shell-word.js';
import { stopOnSignals } from './stop-signal.js';

interface UnlearnFlags {
  readonly user: string;
  readonly config: string;
  readonly checkpoints?: string;
  readonly out: string;
  readonly json: boolean;
}

export function unlearnCommand(): Command {
  return new Command('unlearn')
    .description(
      'Learn the log again without one user, from the last checkpoint before; replace the versions published.',
    )
    .requiredOption('--user <id>', 'the user, as the log names it')
    .requiredOption('-c, --config <file>', 'configuration under which the log was learned')
    .option('--checkpoints <dir>', 'directory of its checkpoints (checkpoint.directory)')
    .requiredOption('--out <dir>', 'new directory for the checkpoints of the learner without the user')
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText(
      'after',
      `
The learner must be stopped. Where no checkpoint from before the user's first record is kept, the whole log is learned again
(checkpoint.keep says how many are). The checkpoints that were learned from the user are named, not deleted.`,
    )
    .action(async ({ user, config: path, checkpoints, out, json }: UnlearnFlags) => {
      const overrides =
        checkpoints === undefined ? [] : [`checkpoint.directory=${JSON.stringify(resolve(checkpoints))}`];
      const config = await loadConfig(path, { env: process.env, overrides });
      const notice = (message: string): void => {
        process.stderr.write(`${message}\n`);
      };
      const stop = stopOnSignals((signal) => notice(`${signal}: stopping`));
      try {
        const result = await unlearn(config, {
          baseDirectory: dirname(resolve(path)),
          userId: user,
          out: resolve(out),
          stop: stop.signal,
          observer: { started() {}, turn() {}, notice },
        });
        process.stdout.write(json ? `${JSON.stringify(result)}\n` : text(result, path, out));
      } finally {
        stop.release();
      }
    });
}

function text(result: Unlearned, config: string, out: string): string {
  const { records, from, digest, checkpoint, taintedCheckpoints, taintedVersions, correctedVersions } = result;
  const list = (numbers: readonly number[]) => (numbers.length === 0 ? 'none' : numbers.join(', '));
  return [
    `records    ${records} of the user in the log`,
    `from       ${from ?? 'the beginning of the log'}`,
    `digest     ${digest}`,
    `written    ${checkpoint ?? 'no checkpoint: nothing was learned'}`,
    `versions   taken away: ${list(taintedVersions)}; in their place: ${list(correctedVersions)}`,
    ...taintedCheckpoints.map((path) => `delete     ${path}`),
    '',
    'next',
    `  npx dadin-stream run --config ${shellWord(config)} --checkpoints ${shellWord(out)}`,
    '',
  ].join('\n');
}
