import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline/promises';
import { DadinError } from '../core/index.js';
import type { Guess } from '../inspection/proposal/guess.js';
import type { Decider } from '../inspection/proposal/propose-log.js';

/** Takes every guess. */
export class TakeGuesses implements Decider {
  async choose(question: string, guess: Guess<string> | null, options: readonly string[]): Promise<string> {
    if (guess !== null) return guess.value;
    throw new DadinError('DADIN_USAGE', `cannot tell the ${question.replace(/^(.*): (.*)$/, '$2 in $1')}`, {
      step: 'init',
      got: `columns ${options.join(', ')}`,
      remedy:
        'run init without --yes on a terminal to be asked, or write the configuration by hand (configurations/ has examples)',
    });
  }
}

/** Asks on the terminal; an empty answer takes the guess. */
export class TerminalQuestions implements Decider {
  readonly #lines: Interface = createInterface({ input: process.stdin, output: process.stderr });
  readonly #closed = once(this.#lines, 'close').then(() => null);

  async choose(question: string, guess: Guess<string> | null, options: readonly string[]): Promise<string> {
    const offer = guess === null ? `(${options.join(', ')})` : `[${guess.value}]`;
    if (guess !== null) process.stderr.write(`\n  ${guess.why}\n`);
    for (;;) {
      const line = await Promise.race([this.#lines.question(`${question} ${offer}: `), this.#closed]);
      if (line === null) throw new DadinError('DADIN_USAGE', 'stopped before the last answer', { step: 'init' });
      const answer = line.trim();
      if (answer === '' && guess !== null) return guess.value;
      if (options.includes(answer)) return answer;
      process.stderr.write(`one of ${options.join(', ')}\n`);
    }
  }

  close(): void {
    this.#lines.close();
  }
}
