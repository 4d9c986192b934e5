import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { Control, type ControlOutcome, type LiveControl } from '../../../pipelines/control.js';
import type { Fold } from '../../../pipelines/fold.js';
import { learn, type SettledTurn } from '../../../pipelines/learn.js';
import { encodeState } from '../../../src/checkpoint/index.js';
import { type ControlDecision, controlRefused, SeededRandom } from '../../../src/core/index.js';
import { ReorderBuffer } from '../../../src/ordering/index.js';
import type { Pin } from '../../../src/versions/index.js';
import { stepReport } from '../step-report.js';
import { fakeLearner, impression, memorySource, scoresOf, smallFold } from './small-fold.js';

const EVENTS = 2000;
const ORDERING = { outOfOrdernessMs: 0, maxBufferedEvents: 10_000 };

function log() {
  const random = new SeededRandom(1, 'control');
  return Array.from({ length: EVENTS }, (_, i) =>
    impression({
      eventId: `e${i}`,
      eventTimeMs: i * 10,
      domain: i % 3 === 0 ? 'target' : 'source',
      userId: `u${random.below(20)}`,
      itemId: `i${random.below(30)}`,
      clicked: random.below(4) === 0,
    }),
  );
}

/** A learner that can be put back: its steps are all that it has learned. */
function steppingLearner() {
  let steps = 0;
  return {
    learner: fakeLearner({
      score: async (batch) => scoresOf(batch, steps),
      train: async (batch) => stepReport(++steps, batch.size),
      snapshot: async () => ({ model: [], optimizer: [], rest: { steps } }),
    }),
    goTo: (to: number) => {
      steps = to;
    },
    steps: () => steps,
  };
}

/** One learner over the log. */
class Run {
  readonly fold: Fold = smallFold(['model.preset=paper', 'batching.size=16']);
  readonly stop = new AbortController();
  readonly outcomes: ControlOutcome[] = [];
  readonly pins: (Pin | null)[] = [];
  readonly turns: SettledTurn[] = [];
  readonly journal: ControlDecision[];
  readonly control: Control;
  saves = 0;
  readonly #stepping = steppingLearner();

  constructor(journal: ControlDecision[] = [], isLive = true, from?: Run) {
    this.journal = journal;
    this.fold.positions.bind([{ name: 'p0' }]);
    if (from !== undefined) {
      this.fold.restore(from.fold.snapshot());
      this.#stepping.goTo(from.#stepping.steps());
      this.fold.positions.bind([{ name: 'p0' }]);
    }
    const live: LiveControl = {
      record: async (decision) => {
        this.journal.push(decision);
      },
      async pinTo(number, reason) {
        if (number > 9) throw controlRefused(`version ${number} is not kept`);
        return { number, digest: 'd', reason };
      },
      pin: async (pin) => {
        this.pins.push(pin);
      },
      resetPoint: async () => ({ checkpoint: 'checkpoint-00000003', digest: 'c' }),
    };
    this.control = new Control({
      fold: this.fold,
      reset: async () => this.#stepping.goTo(3),
      decisions: journal.slice(),
      live: isLive ? live : null,
      told: (outcome) => this.outcomes.push(outcome),
    });
  }

  /** `at`: what happens when the given number of events has been settled. */
  async learn(at: Readonly<Record<number, () => void>> = {}): Promise<this> {
    const todo = Object.entries(at).map(([events, act]) => ({ events: Number(events), act }));
    const source = memorySource([log()]);
    await source.open(this.fold.positions.next());
    const parts = {
      source,
      order: new ReorderBuffer(ORDERING, this.fold.positions.starts(), this.fold.eventTimeMs),
      fold: this.fold,
      learner: this.#stepping.learner,
      deadLetters() {},
      checkpoint: { isDue: () => false, save: async () => void this.saves++ },
      control: this.control,
      stop: this.stop.signal,
    };
    const seen = tap((turn: SettledTurn) => {
      this.turns.push(turn);
      for (const due of todo.splice(0)) {
        if (due.events <= turn.turn.events) due.act();
        else todo.push(due);
      }
    });
    await lastValueFrom(learn(parts).pipe(seen), { defaultValue: null });
    return this;
  }

  /** A command whose refusal is looked at in `outcomes`. */
  ask(command: 'freeze' | 'pause' | 'resume' | 'save' | 'release', id: string = command): void {
    this.control.request({ command, id }).catch(() => {});
  }

  rollBack(version: number, resetLearner: boolean): void {
    this.control
      .request({ command: 'rollback', id: `to ${version}`, version, reason: 'r', resetLearner })
      .catch(() => {});
  }

  get bits(): string {
    return Buffer.from(encodeState(this.fold.snapshot().state)).toString('base64');
  }
}

it('frozen it scores and judges, learns nothing, and learns none of it later', async () => {
  const run = new Run();
  await run.learn({ 500: () => run.ask('freeze'), 1200: () => run.ask('resume') });
  const [frozen, resumed] = run.journal.map(({ events }) => events) as [number, number];
  expect(resumed - frozen).toBeGreaterThan(600);
  const during = run.turns.filter(({ turn }) => turn.events > frozen && turn.events <= resumed);
  expect(during.flatMap(({ turn }) => turn.train)).toEqual([]);
  expect(during.flatMap(({ turn }) => turn.matured).length).toBeGreaterThan(600);
  // no impression waits long for its score
  expect(Math.max(...during.map(({ turn }) => turn.score.length))).toBeLessThanOrEqual(17);
  const learned = new Set(run.turns.flatMap(({ turn }) => turn.train.map(({ sample }) => sample.sequence)));
  const passedOver = run.turns
    .flatMap(({ turn }) => turn.score.map(({ sequence }) => sequence))
    .filter((sequence) => sequence < EVENTS - 20 && !learned.has(sequence));
  expect(passedOver).toEqual(Array.from({ length: resumed - frozen }, (_, i) => frozen + i));
});

it('the log and the journal give the same bits; without the journal others', async () => {
  const run = new Run();
  await run.learn({ 500: () => run.ask('freeze'), 900: () => run.ask('resume'), 1400: () => run.rollBack(2, true) });
  expect(run.journal).toHaveLength(3);
  const followed = await new Run(run.journal, false).learn();
  expect(followed.bits).toBe(run.bits);
  expect((await new Run([], false).learn()).bits).not.toBe(run.bits);
  const reset = run.turns.findIndex(({ turn }) => turn.events > 1500);
  expect(run.turns[reset]!.report!.step).toBeLessThan(40);
});

it.each([450, 700, 1300])('stopped after %i events and started again it goes on to the same bits', async (events) => {
  const whole = new Run();
  await whole.learn({ 500: () => whole.ask('freeze'), 900: () => whole.ask('resume') });
  const first = new Run(whole.journal.slice(), false);
  await first.learn({ [events]: () => first.stop.abort() });
  expect(first.fold.events).toBeLessThan(EVENTS);
  const second = await new Run(whole.journal.slice(), false, first).learn();
  expect(second.bits).toBe(whole.bits);
});

it('paused it folds nothing until it is told to go on, and the bits are those of an undisturbed run', async () => {
  const run = new Run();
  let seen: readonly (number | string | null)[] = [];
  await run.learn({
    600: () => {
      run.ask('pause');
      const whenPaused = setInterval(() => {
        if (run.control.held !== 'paused') return;
        clearInterval(whenPaused);
        const before = run.fold.events;
        run.ask('save');
        setTimeout(() => {
          seen = [run.control.held, run.fold.events - before, run.saves];
          run.ask('resume');
        }, 20);
      }, 1);
    },
  });
  expect(seen).toEqual(['paused', 0, 1]);
  expect(run.bits).toBe((await new Run().learn()).bits);
});

it('a paused run can be stopped, and is still paused when it starts again', async () => {
  const run = new Run();
  await run.learn({
    600: () => {
      run.ask('pause');
      const whenPaused = setInterval(() => {
        if (run.control.held !== 'paused') return;
        clearInterval(whenPaused);
        run.stop.abort();
      }, 1);
    },
  });
  const again = new Run(run.journal.slice(), true, run);
  const folded = run.fold.events;
  setTimeout(() => {
    expect([again.control.held, again.fold.events]).toEqual(['paused', folded]);
    again.ask('resume');
  }, 30);
  await again.learn();
  expect(again.bits).toBe((await new Run().learn()).bits);
});

it('a command sent twice is carried out once, also after a restart', async () => {
  const run = new Run();
  await run.learn({
    100: () => run.ask('freeze', 'x'),
    300: () => run.ask('resume'),
    500: () => run.ask('freeze', 'x'),
  });
  expect(run.outcomes.map((outcome) => 'done' in outcome && outcome.done.repeated)).toEqual([false, false, true]);
  const again = new Run(run.journal.slice());
  await again.learn({ 900: () => again.ask('freeze', 'x') });
  expect(again.control.held).toBeNull();
  expect(again.journal).toHaveLength(2);
});

it('a rollback pins, a release lets go; what cannot be done is refused and changes nothing', async () => {
  const run = new Run();
  await run.learn({
    100: () => run.rollBack(2, false),
    300: () => run.rollBack(12, true),
    500: () => run.ask('release'),
  });
  expect(run.pins).toEqual([{ number: 2, digest: 'd', reason: 'r' }, null]);
  expect(run.outcomes[1]).toMatchObject({ refused: { code: 'DADIN_CONTROL_REFUSED' } });
  expect(run.bits).toBe((await new Run().learn()).bits);
});

it('a replay takes no commands, and none waits for a run that has ended', async () => {
  const replay = new Run([], false);
  await expect(replay.control.request({ command: 'freeze', id: 'x' })).rejects.toThrow(/goes on/);
  const ended = await new Run().learn();
  const waiting = ended.control.request({ command: 'freeze', id: 'x' });
  ended.control.close();
  await expect(waiting).rejects.toThrow(/ended/);
  await expect(ended.control.request({ command: 'freeze', id: 'y' })).rejects.toThrow(/ended/);
});
