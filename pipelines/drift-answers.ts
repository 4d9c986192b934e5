import { type Adaptation, type Domain, domainOf, type StateValue } from '../src/core/index.js';
import { TURNS_UNDER_WAY } from './turn.js';

/**
 * Answers drift alarms at the same event in every run: an alarm is answered by the first event after which every turn up to
 * the alarm's is sure to be settled, however fast the learner is.
 */
export class DriftAnswers {
  readonly #adaptation: Adaptation;
  readonly #adaptsTo: Readonly<Record<Domain, boolean>>;
  /** Alarms not answered yet: the turn that raised each, and the domain. */
  #alarms: (readonly [turn: number, domain: number])[] = [];
  /** For the learner, with its next step. */
  #asked: Adaptation | null = null;

  constructor(adaptation: Adaptation, adaptsTo: Readonly<Record<Domain, boolean>>) {
    this.#adaptation = adaptation;
    this.#adaptsTo = adaptsTo;
  }

  /** An alarm of a turn that is being settled; `domain` by code. */
  alarm(turn: number, domain: number): void {
    if (this.#adaptsTo[domainOf(domain)]) this.#alarms.push([turn, domain]);
  }

  /** `turn`: that to be given out next. Tells `adapt` the domain of each alarm answered and for how many steps. */
  answer(turn: number, adapt: (domain: number, steps: number) => void): void {
    while (this.#alarms.length > 0 && this.#alarms[0]![0] < turn - TURNS_UNDER_WAY) {
      const [, domain] = this.#alarms.shift()!;
      adapt(domain, this.#adaptation.steps);
      this.#asked = this.#adaptation;
    }
  }

  /** What is asked of the learner with its next step. */
  get asked(): Adaptation | null {
    return this.#asked;
  }

  /** The learner has been told. */
  told(): void {
    this.#asked = null;
  }

  snapshot(): Record<string, StateValue> {
    return { alarms: this.#alarms, adaptation: this.#asked as unknown as StateValue };
  }

  restore(state: Readonly<Record<string, StateValue>>): void {
    this.#alarms = [...(state['alarms'] as unknown as readonly (readonly [number, number])[])];
    this.#asked = state['adaptation'] as unknown as Adaptation | null;
  }
}
