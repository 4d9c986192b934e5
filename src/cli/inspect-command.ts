import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { diffCheckpoints } from '../inspection/checkpoint-diff.js';
import { listDirectory, reportCheckpoint } from '../inspection/checkpoint-report.js';
import { isCheckpoint, locateCheckpoint } from '../inspection/locate-checkpoint.js';
import { diffVersions, isVersion, readWholeVersion } from '../inspection/version-diff.js';
import { diffText, directoryText, reportText } from './inspect-text.js';
import { versionDiffText, versionText } from './inspect-version-text.js';

interface InspectFlags {
  readonly diff: boolean;
  readonly json: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Show what a checkpoint or a model version holds: where it stands, how good it is, its tensors, what it came from.',
    )
    .argument(
      '<path>',
      'a checkpoint folder, a directory of them, or the folder of a model version (a refused one too)',
    )
    .argument('[other]', 'with --diff: what to compare it with')
    .option('--diff', 'compare two checkpoints (a directory stands for its newest), or two versions', false)
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
  if (await isVersion(path)) {
    const version = await readWholeVersion(path);
    return json ? line({ path, digest: version.digest, manifest: version.manifest }) : versionText(path, version);
  }
  if (await isCheckpoint(path)) {
    const report = await reportCheckpoint(path);
    return json ? line(report) : reportText(report);
  }
  const listed = await listDirectory(path);
  return json ? line({ path, checkpoints: listed }) : directoryText(listed);
}

async function compare(a: string, b: string, json: boolean): Promise<string> {
  const versions = await Promise.all([isVersion(a), isVersion(b)]);
  if (versions[0] !== versions[1]) {
    throw new DadinError('DADIN_USAGE', 'a model version and a checkpoint hold different things', {
      step: 'inspect',
      expected: 'two folders of versions, or two checkpoints',
    });
  }
  if (versions[0]) {
    const diff = await diffVersions(a, b);
    return json ? line({ paths: [a, b], ...diff }) : versionDiffText([a, b], diff);
  }
  const paths = [await locateCheckpoint(a), await locateCheckpoint(b)] as const;
  const diff = await diffCheckpoints(...paths);
  return json ? line({ paths, ...diff }) : diffText(paths, diff);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
