import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Fold } from '../../../pipelines/fold.js';
import { type LearnParts, learn, type SettledTurn } from '../../../pipelines/learn.js';
import { encodeState } from '../../../src/checkpoint/index.js';
import { type ClickEvent, DadinError, SeededRandom } from '../../../src/core/index.js';
import { ReorderBuffer } from '../../../src/ordering/index.js';
import { stepReport } from '../step-report.js';
import { fakeLearner, impression, memorySource, scoresOf, smallFold } from './small-fold.js';

const ROWS = 16;
const EVENTS = 3000;
const ORDERING = { outOfOrdernessMs: 0, maxBufferedEvents: 10_000 };

/** Two partitions of labelled impressions. */
function logs(): ClickEvent[][] {
  const random = new SeededRandom(1, 'learn');
  return (['target', 'source'] as const).map((domain, p) =>
    Array.from({ length: EVENTS / 2 }, (_, i) =>
      impression({
        eventId: `${domain}${i}`,
        eventTimeMs: i * 10 + p * 5,
        domain,
        userId: `u${random.below(20)}`,
        itemId: `i${random.below(30)}`,
        clicked: random.below(4) === 0,
      }),
    ),
  );
}

function newFold(): Fold {
  const fold = smallFold(['model.preset=paper', `batching.size=${ROWS}`]);
  fold.positions.bind([{ name: 'p0' }, { name: 'p1' }]);
  return fold;
}

function partsOf(changes: Partial<LearnParts> = {}): LearnParts {
  const fold = changes.fold ?? newFold();
  return {
    source: memorySource(logs()),
    order: new ReorderBuffer(ORDERING, fold.positions.starts(), fold.eventTimeMs),
    fold,
    learner: fakeLearner(),
    deadLetters() {},
    checkpoint: { isDue: () => false, save: async () => {} },
    stop: new AbortController().signal,
    ...changes,
  };
}

async function collect(parts: LearnParts, onTurn: (settled: SettledTurn) => void = () => {}): Promise<SettledTurn[]> {
  const turns: SettledTurn[] = [];
  const seen = tap((settled: SettledTurn) => {
    turns.push(settled);
    onTurn(settled);
  });
  await parts.source.open(parts.fold.positions.next());
  await lastValueFrom(learn(parts).pipe(seen), { defaultValue: null });
  return turns;
}

/** Answers in the order of the calls, each some milliseconds after the one before; counts what is under way. */
function slowLearner() {
  const watch = { underWay: 0, most: 0 };
  let steps = 0;
  let last: Promise<void> = Promise.resolve();
  const inTurn = <T>(answer: () => T): Promise<T> => {
    const done = last.then(() => sleep(1)).then(answer);
    last = done.then(() => {});
    return done;
  };
  const learner = fakeLearner({
    score: (batch) => inTurn(() => scoresOf(batch, steps)),
    train(batch) {
      watch.most = Math.max(watch.most, ++watch.underWay);
      return inTurn(() => {
        watch.underWay--;
        return stepReport(++steps, batch.size);
      });
    },
  });
  return { learner, watch };
}

describe('learn', () => {
  it('gives a slow learner three turns at once and no more, and settles them in order', async () => {
    const { learner, watch } = slowLearner();
    const parts = partsOf({ learner });
    const turns = await collect(parts);
    expect(watch.most).toBe(3);
    expect(turns.map(({ turn }) => turn.number)).toEqual(turns.map((_, i) => i));
    expect(turns.map(({ report }) => report?.step)).toEqual(turns.map((_, i) => i + 1));
    expect(turns.length).toBe(Math.floor(EVENTS / ROWS));
    expect(turns.flatMap(({ predictions }) => predictions.map((s) => s.sequence))).toEqual(
      Array.from({ length: turns.length * ROWS }, (_, i) => i),
    );
  });

  it('comes to the same whether the learner is slow or not', async () => {
    const quick = partsOf();
    const slow = partsOf({ learner: slowLearner().learner });
    await collect(quick);
    await collect(slow);
    expect(stateOf(slow.fold).equals(stateOf(quick.fold))).toBe(true);
  });

  it.each(['score', 'train'] as const)('ends with the error of a learner that fails to %s', async (call) => {
    const failure = new DadinError('DADIN_LEARNER_FAILED', 'on purpose', { step: 'train' });
    let calls = 0;
    const working = fakeLearner();
    const failing = fakeLearner({
      ...working,
      [call]: (...args: [never, never]) => (++calls === 5 ? Promise.reject(failure) : working[call](...args)),
    });
    const settled: number[] = [];
    await expect(collect(partsOf({ learner: failing }), ({ turn }) => settled.push(turn.number))).rejects.toBe(failure);
    expect(settled).toEqual([0, 1, 2, 3]);
  });

  it('ends with the error of a source that fails, and with that of an output', async () => {
    const source = memorySource(logs());
    const broken = new DadinError('DADIN_SOURCE_UNREADABLE', 'on purpose', { step: 'read' });
    let reads = 0;
    const failing = {
      ...source,
      read: (p: number, n: number) => (++reads === 3 ? Promise.reject(broken) : source.read(p, n)),
    };
    await expect(collect(partsOf({ source: failing }))).rejects.toBe(broken);

    const full = new DadinError('DADIN_SINK_WRITE', 'on purpose', { step: 'publish' });
    let saved = 0;
    const parts = partsOf({
      checkpoint: {
        isDue: () => true,
        save: async () => {
          saved++;
        },
      },
    });
    const onTurn = ({ turn }: SettledTurn): void => {
      if (turn.number === 2) throw full;
    };
    await expect(collect(parts, onTurn)).rejects.toBe(full);
    await sleep(5);
    expect(saved, 'no checkpoint claims what an output does not hold').toBe(2);
  });

  it('takes a checkpoint when nothing is under way and every settled turn has reached the outputs', async () => {
    const { learner, watch } = slowLearner();
    const turns: SettledTurn[] = [];
    const saves: number[] = [];
    let steps = 0;
    const parts = partsOf({
      learner,
      checkpoint: {
        isDue: () => ++steps % 5 === 0,
        async save() {
          expect(watch.underWay).toBe(0);
          expect(parts.fold.steps).toBe(turns.length);
          saves.push(turns.length);
        },
      },
    });
    await collect(parts, (settled) => turns.push(settled));
    expect(saves).toEqual(Array.from({ length: Math.floor(EVENTS / ROWS / 5) }, (_, i) => (i + 1) * 5));
  });

  it('stops before the next event when told to, finishing what is under way, and can go on from there', async () => {
    const whole = partsOf();
    await collect(whole);

    const stop = new AbortController();
    const { learner, watch } = slowLearner();
    const stopped = partsOf({ stop: stop.signal, learner });
    const before = await collect(stopped, ({ turn }) => {
      if (turn.number === 20) stop.abort();
    });
    expect(watch.underWay).toBe(0);
    expect(before.length).toBeLessThan(30);

    const rest = await collect(partsOf({ fold: stopped.fold, learner }));
    expect(before.length + rest.length).toBe(Math.floor(EVENTS / ROWS));
    expect(stopped.fold.counts.events).toBe(EVENTS);
    expect(stateOf(stopped.fold).equals(stateOf(whole.fold))).toBe(true);
  });
});

function stateOf(fold: Fold): Buffer {
  return encodeState(fold.snapshot().state);
}
