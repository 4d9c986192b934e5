import { resolve } from 'node:path';
import { Command } from 'commander';
import { resolvePath } from '../../pipelines/assembly.js';
import { replay } from '../../pipelines/replay.js';
import { addLearningOptions, configOf, type LearningFlags, showConfig } from './learning-options.js';
import { ReplayProgress } from './replay-progress.js';
import { stopOnSignals } from './stop-signal.js';
import { summaryText } from './summary-text.js';
import { writeReport } from './write-report.js';

export function replayCommand(): Command {
  const command = new Command('replay').description('Learn over a bounded log as fast as it goes, then stop.');
  return addLearningOptions(command)
    .option('--resume', 'go on from the newest valid checkpoint in the directory', false)
    .action(async (flags: LearningFlags & { readonly resume: boolean }) => {
      await learnBounded(flags, flags.resume ? 'always' : 'never');
    });
}

/** What `replay` and, on a bounded input, `run` do. */
export async function learnBounded(flags: LearningFlags, resume: 'never' | 'always' | 'auto'): Promise<void> {
  const { config, baseDirectory } = await configOf(flags);
  if (flags.printConfig) {
    showConfig(config);
    return;
  }
  const progress = new ReplayProgress(config, process.stderr);
  const stop = stopOnSignals((signal) => progress.notice(`${signal}: finishing what is under way, then a checkpoint`));
  try {
    const summary = await replay(config, { baseDirectory, resume, stop: stop.signal, observer: progress });
    progress.close();
    const report = flags.report === undefined ? null : resolve(flags.report);
    if (report !== null && config.sinks.metrics !== null) {
      await writeReport(report, resolvePath(config.sinks.metrics, baseDirectory), config, summary);
    }
    process.stdout.write(
      flags.json ? `${JSON.stringify({ ...summary, report })}\n` : summaryText(config, summary, report),
    );
  } finally {
    progress.close();
    stop.release();
  }
}
