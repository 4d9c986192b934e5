import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { type Certificate, certify } from '../../pipelines/certify.js';
import { Scorer, VersionFollower } from '../client/index.js';
import { loadConfig } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { type KeptVersion, readRefused, VersionDirectory } from '../versions/index.js';
import { EXIT } from './exit-code.js';
import { versionsText } from './versions-text.js';
import { wholeNumber } from './whole-number.js';

interface VersionsFlags {
  readonly pin?: number;
  readonly reason: string;
  readonly release: boolean;
  readonly verify: boolean;
  readonly certify?: string;
  readonly json: boolean;
}

export function versionsCommand(): Command {
  return new Command('versions')
    .description('Lineage of the model versions in a directory; hold subscribers at one, check them all.')
    .argument('<dir>', 'directory of model versions (publish.directory of the learner)')
    .addHelpText(
      'after',
      '\nVersions that the gate refused are listed with its reasons; `inspect DIR/refused/...` shows one.',
    )
    .option(
      '--pin <number>',
      'roll back: subscribers go to this version and stay there until --release',
      wholeNumber(1),
    )
    .option('--reason <text>', 'with --pin: why, for whoever looks later', '')
    .option('--release', 'let subscribers go on to the newest version', false)
    .option('--verify', 'load every version in order, as a subscriber does; exit code 7 where one does not hold', false)
    .option(
      '--certify <config>',
      'learn the log again under this configuration and prove that every version kept comes out with the same bytes; exit code 7 where one does not',
    )
    .option('--json', 'print one JSON object', false)
    .action(async (dir: string, flags: VersionsFlags) => {
      const path = resolve(dir);
      await access(path).catch((cause) => {
        throw new DadinError('DADIN_VERSION_UNREADABLE', `${path} cannot be read`, { step: 'versions', cause });
      });
      const directory = new VersionDirectory(path);
      const kept = await directory.kept();
      if (flags.pin !== undefined) await pin(directory, kept, flags.pin, flags.reason);
      if (flags.release) await directory.pin(null);
      const problems = flags.verify ? await verify(directory) : null;
      const refused = await readRefused(join(path, 'refused'));
      const certificate = flags.certify === undefined ? null : await certifyFrom(flags.certify, kept);
      const pinned = await directory.pinned();
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ path, pinned, problems, certificate, versions: kept, refused })}\n`
          : versionsText(path, { kept, refused }, pinned, problems, certificate),
      );
      const failures = (problems?.length ?? 0) + (certificate?.failed.length ?? 0);
      if (failures > 0) process.exitCode = EXIT.failedCheck;
    });
}

async function certifyFrom(path: string, kept: readonly KeptVersion[]): Promise<Certificate> {
  const config = await loadConfig(path, { env: process.env, overrides: [] });
  return await certify(config, kept, dirname(resolve(path)), (message) => {
    process.stderr.write(`${message}\n`);
  });
}

async function pin(
  directory: VersionDirectory,
  kept: readonly KeptVersion[],
  number: number,
  reason: string,
): Promise<void> {
  const version = kept.find((one) => one.number === number);
  if (version === undefined) {
    throw new DadinError('DADIN_USAGE', `there is no version ${number} to go back to`, {
      step: 'versions',
      got: String(number),
      expected: kept.length === 0 ? 'a directory with versions' : kept.map((one) => one.number).join(', '),
    });
  }
  await directory.pin({ number, digest: version.digest, reason });
}

/** What a subscriber would refuse, after all that lies there. */
async function verify(directory: VersionDirectory): Promise<string[]> {
  const problems: string[] = [];
  const scorer = await Scorer.create();
  const news = await directory.poll();
  for (const one of news) {
    if ('refused' in one) problems.push(`${one.refused.code}: ${one.refused.message}`);
    if (!('version' in one)) continue;
    const { version } = one;
    const source = { poll: async () => [one], rewind() {}, async close() {} };
    const follower = new VersionFollower(source, scorer, ({ code, message }) => problems.push(`${code}: ${message}`));
    await follower.advance();
    if (scorer.version?.digest !== version.digest) problems.push(`version ${version.number} was not loaded`);
  }
  return problems;
}
