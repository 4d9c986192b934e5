import { Command } from 'commander';
import { ABLATIONS, LEADERBOARD, TRANSFER } from '../experiments/entries.js';
import { comparisonCommand } from './comparison-command.js';
import { figuresCommand } from './figures-command.js';
import { moonsCommand } from './moons-command.js';
import { offlineCommand } from './offline-command.js';

export function experimentCommand(): Command {
  return new Command('experiment')
    .description(
      "The paper's comparisons on any log: prequentially (scored before learned), and by its own offline protocol.",
    )
    .addCommand(
      comparisonCommand({
        name: 'leaderboard',
        title: 'Leaderboard',
        description: 'Twelve models, and what each part of the recipe brings, on the same events in one pass a seed.',
        entries: LEADERBOARD,
      }),
    )
    .addCommand(
      comparisonCommand({
        name: 'ablations',
        title: 'Ablations',
        description: "Table 4 of the paper: DADIN's nine ablations on the same events in one pass a seed.",
        entries: ABLATIONS,
      }),
    )
    .addCommand(
      comparisonCommand({
        name: 'transfer',
        title: 'Transfer ledger',
        description: 'What the source domain brings: DADIN beside a twin that has never heard of it.',
        entries: TRANSFER,
      }),
    )
    .addCommand(offlineCommand())
    .addCommand(figuresCommand())
    .addCommand(moonsCommand());
}
