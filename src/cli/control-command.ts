import { resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { readSecret } from '../config/secret.js';
import { CONTROL_COMMANDS, controlRefused, DadinError, parseControl } from '../core/index.js';
import { wholeNumber } from './whole-number.js';

interface ControlFlags {
  readonly url: string;
  readonly version?: number;
  readonly reason?: string;
  readonly resetLearner: boolean;
  readonly id?: string;
  readonly tokenEnv: string;
  readonly tokenFile?: string;
}

/** A paused learner answers at once; one that is busy, between two events. */
const TIMEOUT_MS = 60_000;

export function controlCommand(): Command {
  return new Command('control')
    .description('Tell a live learner to freeze, pause, resume, save, roll back or release; or ask what holds it.')
    .addArgument(new Argument('<command>').choices([...CONTROL_COMMANDS, 'status']))
    .requiredOption('--url <url>', "address of the learner's page (server.port), as http://127.0.0.1:8080")
    .option('--version <number>', 'rollback: the version that subscribers go to and stay at', wholeNumber(1))
    .option('--reason <text>', 'rollback: why, for whoever looks later')
    .option(
      '--reset-learner',
      'rollback: the learner goes back too, to the newest checkpoint that the version may come from',
      false,
    )
    .option('--id <text>', 'carried out once, however often it is sent; one of its own where it is left out')
    .option('--token-env <name>', 'environment variable that holds server.token', 'DADIN_TOKEN')
    .option('--token-file <file>', 'file that holds it instead')
    .addHelpText(
      'after',
      `
freeze    score and judge, learn nothing       pause     read nothing
resume    end both                             save      write a checkpoint now
rollback  hold subscribers at --version        release   let them go on`,
    )
    .action(async (command: string, flags: ControlFlags) => {
      process.stdout.write(`${JSON.stringify(command === 'status' ? await ask(flags) : await tell(command, flags))}\n`);
    });
}

async function ask({ url }: ControlFlags): Promise<unknown> {
  return await answerTo(url, { method: 'GET' });
}

async function tell(command: string, flags: ControlFlags): Promise<unknown> {
  const { url, version, reason, resetLearner, id = crypto.randomUUID(), tokenEnv, tokenFile } = flags;
  const request = parseControl(
    {
      command,
      id,
      ...(version === undefined ? {} : { version }),
      ...(reason === undefined ? {} : { reason }),
      ...(resetLearner ? { resetLearner } : {}),
    },
    id,
  );
  const secret = tokenFile === undefined ? { env: tokenEnv } : { file: resolve(tokenFile) };
  const token = await readSecret(secret, { env: process.env, baseDirectory: '.' });
  return await answerTo(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

async function answerTo(url: string, init: RequestInit): Promise<unknown> {
  if (!URL.canParse(url)) throw new DadinError('DADIN_USAGE', `${url} is no address`, { step: 'control' });
  const target = new URL('control', url.endsWith('/') ? url : `${url}/`);
  let answer: Response;
  try {
    answer = await fetch(target, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new DadinError('DADIN_CONTROL_REFUSED', `nobody answers at ${target}`, {
      step: 'control',
      got: cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause),
      remedy: 'give the address that the learner said it listens at (server.port, or run --port)',
      retryable: true,
      cause,
    });
  }
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  if (answer.status === 404)
    throw controlRefused('the learner takes no commands', 'server.token in its configuration', '404');
  const { error = text, expected } = messageIn(text);
  throw controlRefused(error, expected, `status ${answer.status}`);
}

function messageIn(text: string): { readonly error?: string; readonly expected?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // not ours: shown as it is
  }
}
