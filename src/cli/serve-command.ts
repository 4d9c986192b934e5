import { resolve } from 'node:path';
import { Command } from 'commander';
import { serve } from '../../pipelines/serve.js';
import { VersionDirectory } from '../versions/index.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface ServeFlags {
  readonly versions: string;
  readonly host: string;
  readonly port: number;
  readonly pollMs: number;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Score over HTTP with the newest model version; swaps to each that follows while it answers.')
    .requiredOption('--versions <dir>', 'directory of model versions (publish.directory of the learner)')
    .option('--host <address>', 'address to listen on; the default is reached from this machine only', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0), 8081)
    .option('--poll-ms <number>', 'how often to look for a new version, in milliseconds', wholeNumber(1), 200)
    .addHelpText(
      'after',
      `
POST /v1/score {"user": {"id": "u1"}, "candidates": [{"id": "a"}, {"id": "b"}]} answers with the scores and the version that
gave them; GET /openapi.json describes the rest. GET /ready answers 200 once a verified model is loaded.`,
    )
    .action(async ({ versions, host, port, pollMs }: ServeFlags) => {
      const from = resolve(versions);
      const say = (line: string): void => {
        process.stderr.write(`${line}\n`);
      };
      const stop = stopOnSignals((why) => say(`${why}: stopping`));
      try {
        await serve({
          source: new VersionDirectory(from),
          from,
          host,
          port,
          pollMs,
          stop: stop.signal,
          observer: {
            listening: (address) => say(`scoring at ${address}/v1/score, described at ${address}/openapi.json`),
            swapped: ({ number, manifest }) => say(`version ${number} (${manifest.kind}, step ${manifest.step})`),
            problem: ({ code, message }) => say(`${code}: ${message}`),
          },
        });
      } finally {
        stop.release();
      }
    });
}
