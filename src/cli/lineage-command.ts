import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { type EventLineage, eventLineage } from '../../pipelines/event-lineage.js';
import { createVersionSource } from '../../pipelines/publishing.js';
import { loadConfig } from '../config/index.js';
import { dateTime } from '../inspection/figures.js';
import type { KeptVersion } from '../versions/index.js';

interface LineageFlags {
  readonly event: string;
  readonly config: string;
  readonly versions?: string;
  readonly checkpoints?: string;
  readonly json: boolean;
}

export function lineageCommand(): Command {
  return new Command('lineage')
    .description(
      'Which model version first learned from an event: where it stands in the log, and in which step it entered.',
    )
    .requiredOption('--event <id>', 'id of an event or an impression, as the log has it')
    .requiredOption('-c, --config <file>', 'configuration under which the log was learned')
    .option('--versions <dir>', 'directory of model versions; as configured (publish) where it is left out')
    .option('--checkpoints <dir>', 'directory of the checkpoints, for the journal of a live run (checkpoint.directory)')
    .option('--json', 'print one JSON object', false)
    .action(async ({ event, config: path, versions, checkpoints, json }: LineageFlags) => {
      const notice = (message: string): void => {
        process.stderr.write(`${message}\n`);
      };
      const overrides = [
        ...(versions === undefined
          ? []
          : [`publish.directory=${JSON.stringify(resolve(versions))}`, 'publish.topic=null']),
        ...(checkpoints === undefined ? [] : [`checkpoint.directory=${JSON.stringify(resolve(checkpoints))}`]),
      ];
      const config = await loadConfig(path, { env: process.env, overrides });
      const places = { baseDirectory: dirname(resolve(path)), notice };
      const source = await createVersionSource(config, places);
      const kept: KeptVersion[] = [];
      try {
        for (const news of (await source?.poll()) ?? []) if ('version' in news) kept.push(news.version);
      } finally {
        await source?.close();
      }
      kept.sort((a, b) => a.number - b.number);
      const lineage = await eventLineage(config, event, kept, places);
      process.stdout.write(json ? `${JSON.stringify(lineage)}\n` : text(lineage, kept.length));
    });
}

function text(
  { kind, domain, eventTimeMs, partition, position, learned, version, isFirst }: EventLineage,
  kept: number,
) {
  const lines = [`${kind} of the ${domain} domain at ${dateTime(eventTimeMs)}, ${partition} position ${position}`];
  if (learned === null)
    lines.push('not learned from: repeated, late, left out of training, or its label is not known yet');
  else lines.push(`first learned from in step ${learned.step}, with ${learned.events} events folded`);
  if (learned !== null && version === null)
    lines.push(kept === 0 ? 'no versions are there' : 'no version that is there holds it yet');
  if (version !== null)
    lines.push(
      `version ${version} ${isFirst ? 'is the first that holds it' : 'holds it, and so may older ones that are not kept'}`,
    );
  return `${lines.join('\n')}\n`;
}
