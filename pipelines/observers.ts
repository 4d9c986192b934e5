import type { ControlOutcome } from './control.js';
import type { LearnParts, SettledTurn } from './learn.js';
import type { RunningParts, RunObserver } from './learning-run.js';
import type { PublishOutcome } from './publish.js';

/** Several observers as one; each hears everything, in the order given. */
export class Observers implements RunObserver {
  readonly #all: readonly RunObserver[];

  constructor(all: readonly RunObserver[]) {
    this.#all = all;
  }

  started(run: RunningParts): void {
    for (const one of this.#all) one.started(run);
  }

  turn(settled: SettledTurn): void {
    for (const one of this.#all) one.turn(settled);
  }

  notice(message: string): void {
    for (const one of this.#all) one.notice(message);
  }

  waiting(reason: string): void {
    for (const one of this.#all) one.waiting?.(reason);
  }

  published(outcome: PublishOutcome): void {
    for (const one of this.#all) one.published?.(outcome);
  }

  controlled(outcome: ControlOutcome): void {
    for (const one of this.#all) one.controlled?.(outcome);
  }

  publishing(work: () => Promise<void>): Promise<void> {
    return this.#all.reduce(
      (measured, one) => (one.publishing === undefined ? measured : () => one.publishing!(measured)),
      work,
    )();
  }

  around(parts: LearnParts): LearnParts {
    return this.#all.reduce((measured, one) => one.around?.(measured) ?? measured, parts);
  }
}
