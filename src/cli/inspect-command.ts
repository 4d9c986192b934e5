import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { diffCheckpoints } from '../inspection/checkpoint-diff.js';
import { listDirectory, reportCheckpoint } from '../inspection/checkpoint-report.js';
import { isCheckpoint, locateCheckpoint } from '../inspection/locate-checkpoint.js';
import { diffText, directoryText, reportText } from './inspect-text.js';

interface InspectFlags {
  readonly diff: boolean;
  readonly json: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show what a checkpoint holds: where it stands, how good it is, its tensors, what it came from.')
    .argument('<path>', 'a checkpoint folder, or a directory of them')
    .argument('[other]', 'with --diff: what to compare it with')
    .option('--diff', 'compare two checkpoints; a directory stands for its newest', false)
    .option('--json', 'print one JSON object', false)
    .action(async (path: string, other: string | undefined, flags: InspectFlags) => {
      if (flags.diff !== (other !== undefined)) {
        throw new DadinError('DADIN_USAGE', 'two paths go with --diff, one without', {
          step: 'inspect',
          expected: 'inspect PATH, or inspect --diff A B',
        });
      }
      process.stdout.write(
        other === undefined ? await inspect(path, flags.json) : await compare(path, other, flags.json),
      );
    });
}

async function inspect(path: string, json: boolean): Promise<string> {
  if (await isCheckpoint(path)) {
    const report = await reportCheckpoint(path);
    return json ? line(report) : reportText(report);
  }
  const listed = await listDirectory(path);
  return json ? line({ path, checkpoints: listed }) : directoryText(listed);
}

async function compare(a: string, b: string, json: boolean): Promise<string> {
  const paths = [await locateCheckpoint(a), await locateCheckpoint(b)] as const;
  const diff = await diffCheckpoints(...paths);
  return json ? line({ paths, ...diff }) : diffText(paths, diff);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
