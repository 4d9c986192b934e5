import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { Scorer, VersionFollower } from '../client/index.js';
import { DadinError } from '../core/index.js';
import { exportScorer } from '../onnx/index.js';
import { VersionDirectory, type VersionNews } from '../versions/index.js';
import { wholeNumber } from './whole-number.js';

interface ExportFlags {
  readonly onnx: string;
  readonly number?: number;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write a model version as an ONNX file.')
    .argument('<dir>', 'directory of model versions (publish.directory of the learner)')
    .requiredOption('--onnx <file>', 'file to write')
    .option('--number <n>', 'this version instead of the newest', wholeNumber(1))
    .addHelpText(
      'after',
      `
The graph takes feature ids and looks their embeddings up itself; click statistics and the linear part's logit, where the
version has them, are inputs. docs/checkpoint-format.md describes each; examples/python/dadin_onnx.py makes and scores them.`,
    )
    .action(async (dir: string, { onnx, number }: ExportFlags) => {
      const path = resolve(dir);
      const { version, scorer } = await loaded(path, number ?? Number.POSITIVE_INFINITY);
      const bytes = exportScorer(version.manifest, version.digest, scorer.whole('it is exported'));
      await writeFile(onnx, bytes).catch((cause) => {
        throw new DadinError('DADIN_SINK_WRITE', `cannot write ${onnx}`, { step: 'export', cause });
      });
      process.stdout.write(
        `${onnx}  version ${version.number} (step ${version.manifest.step}), ${bytes.length} bytes\n`,
      );
    });
}

/** The version of that number, or the newest of all below infinity. */
async function loaded(path: string, number: number) {
  const scorer = await Scorer.create();
  const problems: DadinError[] = [];
  const directory = new VersionDirectory(path);
  const upTo = {
    async poll(): Promise<readonly VersionNews[]> {
      const news = await directory.poll();
      // whoever exports names the version: a pin is for subscribers
      return news.filter((one) => !('pin' in one) && !('version' in one && one.version.number > number));
    },
    rewind: () => directory.rewind(),
    close: () => directory.close(),
  };
  await new VersionFollower(upTo, scorer, (problem) => problems.push(problem)).advance();
  const { version } = scorer;
  if (version !== null && (number === Number.POSITIVE_INFINITY || version.number === number))
    return { version, scorer };
  throw (
    problems[0] ??
    new DadinError(
      'DADIN_USAGE',
      number === Number.POSITIVE_INFINITY ? `${path} holds no version` : `${path} holds no version ${number}`,
      {
        step: 'export',
        remedy: '`dadin-stream versions DIR` lists what is there',
      },
    )
  );
}
