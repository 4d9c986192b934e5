import type { Stateful, StateValue } from '../../core/index.js';

/** Negatives that a clicked row is compared with. */
const HELD = 500;
const FEWEST = 50;

interface RankingErrorsState {
  readonly [key: string]: StateValue;
  readonly logits: Float32Array;
  readonly at: number;
}

/**
 * A clicked row's share of recent rows without a click that were scored above it, ties one half: its mean is 1 - AUC. A
 * change of concept moves it by several times its spread within some dozen clicks, where the log loss at a click rate of a
 * tenth moves by a fraction of its own.
 */
export class RankingErrors implements Stateful {
  #logits = new Float32Array(0);
  #at = 0;

  /** Null for rows without a click, and until 50 of them have come. */
  next(logit: number, label: 0 | 1): number | null {
    const score = Math.fround(logit);
    const held = this.#logits;
    if (label === 0) {
      if (held.length < HELD) this.#logits = Float32Array.of(...held, score);
      else held[this.#at] = score;
      this.#at = (this.#at + 1) % HELD;
      return null;
    }
    if (held.length < FEWEST) return null;
    let twiceAbove = 0;
    for (let i = 0; i < held.length; i++) twiceAbove += held[i]! > score ? 2 : held[i] === score ? 1 : 0;
    return twiceAbove / (2 * held.length);
  }

  snapshot(): StateValue {
    return { logits: this.#logits.slice(), at: this.#at } satisfies RankingErrorsState;
  }

  restore(state: StateValue): void {
    const { logits, at } = state as RankingErrorsState;
    this.#logits = logits.slice();
    this.#at = at;
  }
}
