import { resolve } from 'node:path';
import { Command } from 'commander';
import { resolvePath } from '../../pipelines/assembly.js';
import type { RunSummary } from '../../pipelines/learning-run.js';
import { type ReplayOptions, replay } from '../../pipelines/replay.js';
import type { Config } from '../config/index.js';
import { addLearningOptions, configOf, type LearningFlags, showConfig } from './learning-options.js';
import { ReplayProgress } from './replay-progress.js';
import { stopOnSignals } from './stop-signal.js';
import { summaryText } from './summary-text.js';
import { writeReport } from './write-report.js';

export function replayCommand(): Command {
  const command = new Command('replay').description('Learn over a bounded log as fast as it goes, then stop.');
  return addLearningOptions(command)
    .option('--resume', 'go on from the newest valid checkpoint in the directory', false)
    .option('--journal <file>', "follow the decisions in a live run's journal, to repeat that run to the bit")
    .action(async (flags: LearningFlags & { readonly resume: boolean; readonly journal?: string }) => {
      const resume = flags.resume ? 'always' : 'never';
      const journal = flags.journal === undefined ? {} : { journal: resolve(flags.journal) };
      await learnAndSumUp(flags, (config, options) => replay(config, { ...options, ...journal, resume }));
    });
}

type LearningOptions = Omit<ReplayOptions, 'resume' | 'journal'>;

/** What `replay` and `run` have in common: configuration, progress, signals, summary and report. */
export async function learnAndSumUp(
  flags: LearningFlags,
  learn: (config: Config, options: LearningOptions) => Promise<RunSummary | null>,
): Promise<void> {
  const { config, baseDirectory } = await configOf(flags);
  if (flags.printConfig) {
    showConfig(config);
    return;
  }
  const progress = new ReplayProgress(config, process.stderr);
  const stop = stopOnSignals((signal) => progress.notice(`${signal}: finishing what is under way, then a checkpoint`));
  try {
    const summary = await learn(config, { baseDirectory, stop: stop.signal, observer: progress });
    progress.close();
    if (summary === null) return;
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
