import { Command } from 'commander';
import { addLearningOptions, type LearningFlags } from './learning-options.js';
import { learnBounded } from './replay-command.js';

export function runCommand(): Command {
  const command = new Command('run').description(
    'Learn, starting from the newest checkpoint where there is one: what a service calls at every start.',
  );
  return addLearningOptions(command).action(async (flags: LearningFlags) => {
    await learnBounded(flags, 'auto');
  });
}
