import { Command } from 'commander';
import type { Check } from '../inspection/checks/check.js';
import { wrapped } from '../inspection/figures.js';
import { validate } from '../inspection/validate.js';
import { EXIT } from './exit-code.js';
import { shellWord } from './shell-word.js';
import { wholeNumber } from './whole-number.js';

interface ValidateFlags {
  readonly config: string;
  readonly maxEvents: number;
  readonly json: boolean;
}

/** Of remedies, name of the check included. */
const LINE_CHARACTERS = 100;

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a configuration against its log before anything is learned: PASS, WARN or FAIL a check.')
    .requiredOption('-c, --config <file>', 'configuration (YAML)')
    .option('--max-events <n>', 'records read at most, of all logs together', wholeNumber(1), 1_000_000)
    .option('--json', 'print the checks as one JSON object', false)
    .action(async ({ config, maxEvents, json }: ValidateFlags) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`reading up to ${maxEvents} records\r`);
      const checks = await validate(config, maxEvents);
      const isFailed = checks.some(({ status }) => status === 'FAIL');
      process.stdout.write(
        json ? `${JSON.stringify({ ok: !isFailed, checks })}\n` : checksText(checks, isFailed ? null : config),
      );
      if (isFailed) process.exitCode = EXIT.failedCheck;
    });
}

/** `replayable`: the configuration's path where nothing failed. */
function checksText(checks: readonly Check[], replayable: string | null): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const margin = ' '.repeat(6 + width + 2);
  const lines = checks.flatMap(({ status, name, summary, details, remedy }) => [
    `${status}  ${name.padEnd(width)}  ${summary}`,
    ...details.map((detail) => `${margin}${detail}`),
    ...remedyLines(remedy, width).map((line) => `${margin}${line}`),
  ]);
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  return [
    ...lines,
    '',
    `${count('PASS')} passed, ${count('WARN')} warned, ${count('FAIL')} failed`,
    ...(replayable === null ? [] : ['', 'next', `  npx dadin-stream replay --config ${shellWord(replayable)}`]),
    '',
  ].join('\n');
}

/** Every line of the remedy is a thing to do. */
function remedyLines(remedy: string | null, nameWidth: number): string[] {
  if (remedy === null) return [];
  const things = remedy.split('\n').flatMap((thing) => wrapped(thing, LINE_CHARACTERS - nameWidth));
  return things.map((line, i) => `${i === 0 ? 'what to do: ' : '            '}${line}`);
}
