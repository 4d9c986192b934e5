import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { resolvePath } from '../../pipelines/assembly.js';
import type { RunSummary } from '../../pipelines/learning-run.js';
import { type ReplayOptions, replay } from '../../pipelines/replay.js';
import type { Config } from '../config/index.js';
import { addLearningOptions, configOf, type LearningFlags, showConfig } from './learning-options.js';
import { observeRun } from './observe-run.js';
import { runProgress } from './run-progress.js';
import { stopOnSignals } from './stop-signal.js';
import { summaryText } from './summary-text.js';
import { writeReport } from './write-report.js';

export function replayCommand(): Command {
  const command = new Command('replay').description('Learn over a bounded log as fast as it goes, then stop.');
  return addLearningOptions(command)
    .option('--resume', 'go on from the newest valid checkpoint in the directory', false)
    .option('--page', 'serve a live page of the run on a free port; on a terminal it stays after the end', false)
    .option('--journal <file>', "follow the decisions in a live run's journal, to repeat that run to the bit")
    .action(async (flags: LearningFlags & { readonly resume: boolean; readonly journal?: string }) => {
      const resume = flags.resume ? 'always' : 'never';
      const journal = flags.journal === undefined ? {} : { journal: resolve(flags.journal) };
      await learnAndSumUp(
        flags,
        (config, options) => replay(config, { ...options, ...journal, resume }),
        ({ checkpoint }, baseDirectory) =>
          checkpoint.directory === null ? null : resolvePath(join(checkpoint.directory, 'report.html'), baseDirectory),
      );
    });
}

type LearningOptions = Omit<ReplayOptions, 'resume' | 'journal'>;

/**
 * What `replay` and `run` have in common: configuration, progress, signals, summary and report.
 *
 * @param usualReport where the report goes that --report does not name; null: nowhere
 */
export async function learnAndSumUp(
  flags: LearningFlags,
  learn: (config: Config, options: LearningOptions) => Promise<RunSummary | null>,
  usualReport: (config: Config, baseDirectory: string) => string | null = () => null,
): Promise<void> {
  const { config, baseDirectory } = await configOf(flags);
  if (flags.printConfig) {
    showConfig(config);
    return;
  }
  const progress = runProgress(config, flags.logFormat);
  const stop = stopOnSignals((signal) => progress.notice(`${signal}: finishing what is under way, then a checkpoint`));
  const observed = await observeRun(config, baseDirectory, progress, () => stop.now('a request'));
  try {
    if (observed.url !== null) progress.notice(`page       ${observed.url}`);
    const summary = await learn(config, { baseDirectory, stop: stop.signal, observer: observed.observer });
    observed.ended('nothing: the run has ended');
    progress.close();
    if (summary === null) return;
    const report = flags.report === undefined ? usualReport(config, baseDirectory) : resolve(flags.report);
    if (report !== null) await writeReport(report, { config, baseDirectory, summary, record: observed.record });
    process.stdout.write(
      flags.json ? `${JSON.stringify({ ...summary, report })}\n` : summaryText(config, summary, report),
    );
    if (observed.url !== null && flags.page && process.stdin.isTTY && process.stderr.isTTY && !stop.signal.aborted) {
      progress.notice(`the page stays at ${observed.url} until Ctrl-C`);
      await once(stop.signal, 'abort');
    }
  } finally {
    progress.close();
    await observed.close();
    stop.release();
  }
}
