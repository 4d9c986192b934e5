import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import { wrapped } from '../inspection/figures.js';
import { locateCheckpoint } from '../inspection/locate-checkpoint.js';
import { type Migration, migrate } from '../migration/migrate.js';
import { shellWord } from './shell-word.js';

interface MigrateFlags {
  readonly from: string;
  readonly config: string;
  readonly to: string;
  readonly dropEmbeddings: boolean;
  readonly json: boolean;
}

const LINE_CHARACTERS = 100;

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Take a checkpoint over to a configuration with other learning keys, keeping all that fits.')
    .requiredOption('--from <path>', 'the old checkpoint, or a directory for its newest')
    .requiredOption('-c, --config <file>', 'the new configuration (YAML)')
    .requiredOption('--to <dir>', 'new directory of checkpoints')
    .option('--drop-embeddings', 'go on without the embeddings where model.width changes', false)
    .option('--json', 'print the result as one JSON object', false)
    .action(async ({ from, config, to, dropEmbeddings, json }: MigrateFlags) => {
      const checkpoint = await locateCheckpoint(from);
      const loaded = await loadConfig(config, { env: process.env });
      const result = await migrate(loaded, { from: checkpoint, to: resolve(to), dropEmbeddings });
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultText(result, config, to));
    });
}

function resultText({ checkpoint, note, digest }: Migration, config: string, to: string): string {
  const list = (texts: readonly string[]) => wrapped(texts.join(', '), LINE_CHARACTERS).join('\n           ');
  return [
    `from       ${note.checkpoint}`,
    `changed    ${list(note.changedKeys)}`,
    `anew       ${note.startedAnew.length === 0 ? 'nothing: all of it fits' : list(note.startedAnew)}`,
    `digest     ${digest}`,
    `written    ${checkpoint}`,
    '',
    'next',
    `  npx dadin-stream replay --config ${shellWord(config)} --checkpoints ${shellWord(to)} --resume`,
    '',
  ].join('\n');
}
