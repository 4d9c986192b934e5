import {
  type ControlDecision,
  type ControlRequest,
  controlRefused,
  DadinError,
  type Decision,
  type ResetPoint,
} from '../src/core/index.js';
import type { Pin } from '../src/versions/index.js';
import type { Fold } from './fold.js';

/** Whether and where a command was carried out. */
export interface ControlAnswer {
  readonly id: string;
  readonly command: ControlRequest['command'];
  /** Events folded before it. */
  readonly events: number;
  /** It had been carried out before: sent twice, or told again after a restart. */
  readonly repeated: boolean;
  /** Checkpoint that the learner went back to; null where it did not. */
  readonly reset: string | null;
}

/** What a learner is held in by a command. */
export type Held = 'frozen' | 'paused' | null;

export interface ControlParts {
  readonly fold: Pick<Fold, 'events' | 'isFrozen' | 'freeze'>;
  /** Puts the learner where a checkpoint that was set aside stands. */
  readonly reset: (point: ResetPoint) => Promise<void>;
  /** From the journal: those at or after the place where the fold stands are carried out again there. */
  readonly decisions: readonly Decision[];
  /** Null where the log is learned again: then commands come from the journal alone. */
  readonly live: LiveControl | null;
  readonly told: (outcome: ControlOutcome) => void;
}

/** What came of a command. */
export type ControlOutcome = { readonly done: ControlAnswer } | { readonly refused: DadinError };

/** What commands need besides the fold, in a run that goes on. */
export interface LiveControl {
  /** Puts a decision on the disk. */
  record(decision: ControlDecision): Promise<void>;
  /** The version as subscribers are pinned to it. @throws DadinError DADIN_CONTROL_REFUSED where it is not kept */
  pinTo(version: number, reason: string): Promise<Pin>;
  pin(pin: Pin | null): Promise<void>;
  /** Sets the checkpoint aside that the learner goes back to. @throws DadinError DADIN_CONTROL_REFUSED where none is kept */
  resetPoint(version: number): Promise<ResetPoint>;
}

interface Waiting {
  readonly request: ControlRequest;
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commands of operators, each carried out between two events with nothing under way. What it changes in the fold is written
 * to the journal first, with the number of events folded by then: a restart and a replay that follows the journal do the
 * same at the same place, and come to the same bits.
 *
 * Pins are set before they are written down: repeating one is harmless, and a later one is not undone by a restart.
 */
export class Control {
  readonly #parts: ControlParts;
  /** Of the journal, still to come; oldest first. */
  readonly #ahead: ControlDecision[];
  readonly #known: Map<string, ControlDecision>;
  #waiting: Waiting[] = [];
  #isPaused = false;
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(parts: ControlParts) {
    const decisions = parts.decisions.filter((one) => one.kind === 'control');
    this.#parts = parts;
    this.#ahead = decisions.filter(({ events }) => events >= parts.fold.events);
    this.#known = new Map(decisions.map((decision) => [decision.request.id, decision]));
  }

  get held(): Held {
    if (this.#isPaused) return 'paused';
    return this.#parts.fold.isFrozen ? 'frozen' : null;
  }

  get isDue(): boolean {
    return this.#waiting.length > 0 || this.#isPaused || this.#isNextHere;
  }

  /** Resolves once it was carried out. @throws DadinError DADIN_CONTROL_REFUSED, or what stopped it */
  async request(request: ControlRequest): Promise<ControlAnswer> {
    try {
      const done = await this.#whenPerformed(request);
      this.#parts.told({ done });
      return done;
    } catch (error) {
      if (error instanceof DadinError) this.#parts.told({ refused: error });
      throw error;
    }
  }

  #whenPerformed(request: ControlRequest): Promise<ControlAnswer> {
    if (this.#parts.live === null) throw controlRefused('commands are for a run that goes on', 'run, on topics');
    if (this.#isClosed) throw controlRefused('the run has ended');
    const answer = new Promise<ControlAnswer>((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
    this.#wake();
    return answer;
  }

  /** With nothing under way. While paused it waits for the next command, or for `stop`. `save` writes a checkpoint. */
  async act(stop: AbortSignal, save: () => Promise<void>): Promise<void> {
    for (;;) {
      while (this.#isNextHere) await this.#apply(this.#ahead.shift()!);
      for (const { request, resolve, reject } of this.#waiting.splice(0)) {
        await this.#perform(this.#parts.live!, request, save).then(resolve, reject);
      }
      if (!this.#isPaused || stop.aborted) return;
      await this.#next(stop);
    }
  }

  /** The run has ended: nobody waits for an answer that will not come. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(controlRefused('the run has ended'));
  }

  get #isNextHere(): boolean {
    return this.#ahead.length > 0 && this.#ahead[0]!.events <= this.#parts.fold.events;
  }

  async #perform(live: LiveControl, request: ControlRequest, save: () => Promise<void>): Promise<ControlAnswer> {
    const { fold } = this.#parts;
    const before = this.#known.get(request.id);
    if (before !== undefined) return answerOf(before, true);
    let reset: ResetPoint | null = null;
    if (request.command === 'save') await save();
    if (request.command === 'release') await live.pin(null);
    if (request.command === 'rollback') {
      const pin = await live.pinTo(request.version, request.reason);
      if (request.resetLearner) reset = await live.resetPoint(request.version);
      await live.pin(pin);
    }
    const decision: ControlDecision = { kind: 'control', events: fold.events, request, reset };
    await live.record(decision);
    this.#known.set(request.id, decision);
    await this.#apply(decision);
    return answerOf(decision, false);
  }

  async #apply({ request, reset }: ControlDecision): Promise<void> {
    const { command } = request;
    if (command === 'freeze') this.#parts.fold.freeze(true);
    if (command === 'pause') this.#isPaused = this.#parts.live !== null;
    if (command === 'resume') {
      this.#parts.fold.freeze(false);
      this.#isPaused = false;
    }
    if (reset !== null) await this.#parts.reset(reset);
  }

  async #next(stop: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        stop.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      stop.addEventListener('abort', wake);
      if (this.#waiting.length > 0 || stop.aborted) wake();
    });
  }
}

function answerOf({ request, events, reset }: ControlDecision, repeated: boolean): ControlAnswer {
  return { id: request.id, command: request.command, events, repeated, reset: reset?.checkpoint ?? null };
}

/** For people. */
export function controlText(outcome: ControlOutcome): string {
  if ('refused' in outcome) return `control refused: ${outcome.refused.message}`;
  const { command, events, repeated, reset } = outcome.done;
  const to = reset === null ? '' : `; the learner goes back to ${reset}`;
  return `control: ${command} at event ${events}${to}${repeated ? ' (already carried out)' : ''}`;
}
