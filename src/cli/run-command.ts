import { resolve } from 'node:path';
import { Command } from 'commander';
import { dryRun } from '../../pipelines/dry-run.js';
import { replay } from '../../pipelines/replay.js';
import { run } from '../../pipelines/run.js';
import { dryRunText } from './dry-run-text.js';
import { EXIT } from './exit-code.js';
import { addLearningOptions, configOf, type LearningFlags } from './learning-options.js';
import { learnAndSumUp } from './replay-command.js';

interface RunFlags extends LearningFlags {
  readonly from?: string;
  readonly dryRun: boolean;
}

export function runCommand(): Command {
  const command = new Command('run').description(
    'Learn, starting from the newest checkpoint where there is one: what a service calls at every start. Topics are learned from as they go on; of several such processes one learns and the others stand by.',
  );
  return addLearningOptions(command)
    .option(
      '--from <checkpoint>',
      'topics: go on from a checkpoint folder of a replay of files, while there is none of its own',
    )
    .option('--dry-run', 'topics: connect, check rights, decode 100 messages of each, learn and commit nothing', false)
    .action(async (flags: RunFlags) => {
      if (flags.dryRun) {
        await showDryRun(flags);
        return;
      }
      const from = flags.from === undefined ? {} : { from: resolve(flags.from) };
      await learnAndSumUp(flags, (config, options) =>
        config.input.kind === 'kafka'
          ? run(config, { ...options, ...from })
          : replay(config, { ...options, resume: 'auto' }),
      );
    });
}

async function showDryRun(flags: RunFlags): Promise<void> {
  const { config, baseDirectory } = await configOf(flags);
  const report = await dryRun(config, baseDirectory, (message) => process.stderr.write(`${message}\n`));
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : dryRunText(report));
  if (report.topics.some(({ decoded, bad }) => decoded === 0 && Object.keys(bad).length > 0)) {
    process.exitCode = EXIT.failedCheck;
  }
}
