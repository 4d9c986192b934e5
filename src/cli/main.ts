import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { COMMANDS } from './commands.js';
import { EXIT, exitCodeOf } from './exit-code.js';

const EPILOGUE = `
Examples
  dadin-stream replay --synthetic default                        learn from a generated stream
  dadin-stream init --from clicks.csv --out my.yaml --yes        propose a configuration for your own log
  dadin-stream validate --config my.yaml                         check it against the log
  dadin-stream replay --config my.yaml --checkpoints checkpoints learn from it

Exit codes: 0 done (also after SIGINT or SIGTERM), 1 bug, 2 usage or configuration, 3 input, 4 checkpoint, 5 learner,
6 output, 7 a check failed. Errors are documented in docs/errors.md.`;

/** `asked`: the words that may name the command (`NAME ...`, or `help NAME`). */
async function program(asked: readonly string[]): Promise<Command> {
  const root = new Command('dadin-stream')
    .description('Learns DADIN, a cross-domain click model, from two streams of click events while they happen.')
    .version('0.1.0')
    .showHelpAfterError()
    .addHelpText('after', EPILOGUE);
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    root.addCommand(asked.includes(name) ? (await load()).summary(summary) : new Command(name).description(summary));
  }
  return root;
}

/** Runs the command line; sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error; // `| head` closed the pipe
  });
  const root = await program(argv.slice(2, 4));
  for (const command of [root, ...root.commands]) command.exitOverride();
  try {
    if (argv.length <= 2) root.help();
    await root.parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof DadinError) {
    process.stderr.write(`${error.describe()}\n`);
    if (error.code === 'DADIN_BUG' && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  return exitCodeOf(error);
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return (
    error instanceof Error && 'exitCode' in error && String((error as { code?: unknown }).code).startsWith('commander.')
  );
}
