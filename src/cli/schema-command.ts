import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { generatedFiles } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { metricsMarkdown } from '../telemetry/metrics-markdown.js';
import { EXIT } from './exit-code.js';

export function schemaCommand(): Command {
  return new Command('schema')
    .description(
      'Write the JSON Schema of the configuration, its reference and that of the metrics, made from the program, below the working directory.',
    )
    .option('--check', 'write nothing; exit 7 when a file is not up to date', false)
    .action(async ({ check }: { readonly check: boolean }) => {
      let stale = 0;
      for (const [path, content] of Object.entries({ ...generatedFiles(), 'docs/metrics.md': metricsMarkdown() })) {
        const current = await readFile(path, 'utf8').catch(() => null);
        if (check && current !== content) stale++;
        if (!check && current !== content) await write(path, content);
        const state = current === content ? 'up to date' : check ? 'NOT up to date' : 'written';
        process.stdout.write(`${path}  ${state}\n`);
      }
      if (stale === 0) return;
      process.stdout.write('run `dadin-stream schema` in the root of the repository\n');
      process.exitCode = EXIT.failedCheck;
    });
}

async function write(path: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (cause) {
    throw new DadinError('DADIN_SINK_WRITE', `cannot write ${path}`, { step: 'schema', cause });
  }
}
