import { expect, it } from 'vitest';
import type { Fold } from '../../../pipelines/fold.js';
import { TURNS_UNDER_WAY, type Turn } from '../../../pipelines/turn.js';
import { decodeState, encodeState } from '../../../src/checkpoint/index.js';
import { type Adaptation, SeededRandom, type StateValue } from '../../../src/core/index.js';
import { stepReport } from '../step-report.js';
import { impression, smallFold } from './small-fold.js';

const ADAPT = ['drift.target.reaction=adapt', 'drift.source.reaction=adapt'];
const EVENTS = 4500;
const DRIFT_AT = 3000;

interface Adapted {
  readonly turn: number;
  readonly adaptation: Adaptation;
}

/** Folds a log whose scores stop ranking at `DRIFT_AT`; `late` says how many turns the learner is behind, at each of them. */
class Drive {
  readonly adapted: Adapted[] = [];
  fold: Fold;
  readonly #late: (turn: number) => number;
  readonly #random = new SeededRandom(5);
  readonly #underWay: Turn[] = [];
  #event = 0;

  constructor(overrides: readonly string[], late: (turn: number) => number) {
    this.fold = this.#newFold(overrides);
    this.#late = late;
  }

  to(event: number): void {
    for (; this.#event < event; this.#event++) {
      const i = this.#event;
      const clicked = this.#random.next() < 0.2;
      const shown = impression({
        eventId: `e${i}`,
        eventTimeMs: i,
        domain: i % 2 === 0 ? 'target' : 'source',
        userId: `u${i % 40}`,
        itemId: `i${i % 7}`,
        clicked,
      });
      for (const turn of this.fold.accept({ event: shown, partition: 0, position: BigInt(i) })) {
        if (turn.adaptation !== null && turn.train.length > 0) {
          this.adapted.push({ turn: turn.number, adaptation: turn.adaptation });
        }
        this.#underWay.push(turn);
        while (this.#underWay.length > this.#late(turn.number)) this.#settle();
      }
    }
  }

  drain(): void {
    while (this.#underWay.length > 0) this.#settle();
  }

  /** Puts a fold that was restored from this one's snapshot in its place. */
  restart(overrides: readonly string[]): void {
    const { state, positions } = this.fold.snapshot();
    const stored = { state: decodeState(encodeState(state)), positions: decodeState(encodeState(positions)) };
    this.fold = this.#newFold(overrides);
    this.fold.restore(stored as { state: StateValue; positions: StateValue });
  }

  #newFold(overrides: readonly string[]): Fold {
    const fold = smallFold(['model.preset=small', 'batching.size=8', ...overrides]);
    fold.positions.bind([{ name: 'log' }]);
    return fold;
  }

  #settle(): void {
    const turn = this.#underWay.shift()!;
    const logits = Float32Array.from(turn.score, ({ label, sequence }) => {
      const noise = ((sequence * 7919) % 1000) / 400;
      return noise + (sequence < DRIFT_AT || sequence % 2 === 1 ? 3 * label : 0);
    });
    this.fold.settle(turn, logits, turn.train.length === 0 ? null : stepReport(turn.number + 1, turn.train.length));
  }
}

function stateOf({ fold }: Drive): Uint8Array {
  return encodeState(fold.snapshot().state);
}

it('answers an alarm at the same event however far the learner is behind, restored in between or not', () => {
  const prompt = new Drive(ADAPT, () => 0);
  const slow = new Drive(ADAPT, () => TURNS_UNDER_WAY);
  const uneven = new Drive(ADAPT, (turn) => (turn * 5) % (TURNS_UNDER_WAY + 1));
  const restarted = new Drive(ADAPT, () => TURNS_UNDER_WAY);
  for (const drive of [prompt, slow, uneven]) drive.to(EVENTS);
  for (let event = DRIFT_AT; event < EVENTS; event += 500) {
    restarted.to(event);
    restarted.drain();
    restarted.restart(ADAPT);
  }
  restarted.to(EVENTS);
  for (const drive of [slow, uneven, restarted]) {
    drive.drain();
    expect(drive.adapted).toEqual(prompt.adapted);
    expect(Buffer.compare(stateOf(drive), stateOf(prompt))).toBe(0);
  }
  expect(prompt.adapted).toHaveLength(1);
  expect(prompt.adapted[0]!.adaptation).toEqual({ steps: 300, embeddingRateFactor: 3, secondMomentFactor: 0.5 });
  expect(prompt.adapted[0]!.turn).toBeGreaterThan(DRIFT_AT / 8);
  const { target, source } = prompt.fold.summary();
  expect([target.drift.alarms, source.drift.alarms]).toEqual([1, 0]);
  expect(target.drift.events[0]!.before.auc!).toBeGreaterThan(target.drift.events[0]!.after?.auc ?? 0);
});

it('only tells where the reaction is none', () => {
  const drive = new Drive([], () => 0);
  drive.to(EVENTS);
  expect(drive.adapted).toEqual([]);
  expect(drive.fold.summary().target.drift.alarms).toBe(1);
});
