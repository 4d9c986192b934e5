import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { createVersionSource } from '../../pipelines/publishing.js';
import { serve } from '../../pipelines/serve.js';
import { loadConfig } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { VersionDirectory, type VersionSource } from '../versions/index.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface ServeFlags {
  readonly versions?: string;
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly pollMs: number;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Score over HTTP with the newest model version; swaps to each that follows while it answers.')
    .option('--versions <dir>', 'directory of model versions (publish.directory of the learner)')
    .option(
      '-c, --config <file>',
      "the learner's configuration instead: its publish.directory, or publish.topic and kafka",
    )
    .option('--host <address>', 'address to listen on; the default is reached from this machine only', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0), 8081)
    .option('--poll-ms <number>', 'how often to look for a new version, in milliseconds', wholeNumber(1), 200)
    .addHelpText(
      'after',
      `
POST /v1/score {"user": {"id": "u1"}, "candidates": [{"id": "a"}, {"id": "b"}]} answers with the scores and the version that
gave them; GET /openapi.json describes the rest. GET /ready answers 200 once a verified model is loaded; GET /metrics
says for Prometheus which version that is and how old its newest event was when it came.`,
    )
    .action(async ({ host, port, pollMs, ...flags }: ServeFlags) => {
      const say = (line: string): void => {
        process.stderr.write(`${line}\n`);
      };
      const { source, from } = await sourceOf(flags, say);
      const stop = stopOnSignals((why) => say(`${why}: stopping`));
      try {
        await serve({
          source,
          from,
          host,
          port,
          pollMs,
          stop: stop.signal,
          observer: {
            listening: (address) => say(`scoring at ${address}/v1/score, described at ${address}/openapi.json`),
            swapped: ({ number, manifest }) => say(`version ${number} (${manifest.kind}, step ${manifest.step})`),
            problem: ({ code, message }) => say(`${code}: ${message}`),
            notice: say,
          },
        });
      } finally {
        stop.release();
      }
    });
}

async function sourceOf(
  { versions, config: path }: Pick<ServeFlags, 'versions' | 'config'>,
  notice: (line: string) => void,
): Promise<{ source: VersionSource; from: string }> {
  if ((versions === undefined) === (path === undefined)) {
    throw new DadinError('DADIN_USAGE', 'give --versions DIR or --config FILE', { step: 'serve' });
  }
  if (versions !== undefined) return { source: new VersionDirectory(resolve(versions)), from: resolve(versions) };
  const config = await loadConfig(path!, { env: process.env, overrides: [] });
  const source = await createVersionSource(config, { baseDirectory: dirname(resolve(path!)), notice });
  if (source === null) {
    throw new DadinError('DADIN_USAGE', `the learner of ${path} publishes nothing`, {
      step: 'serve',
      remedy: 'set publish.directory or publish.topic there',
    });
  }
  return { source, from: config.publish.directory ?? `topic ${config.publish.topic}` };
}
