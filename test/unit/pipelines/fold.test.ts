import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fold, FoldSnapshot } from '../../../pipelines/fold.js';
import { decodeState, encodeState } from '../../../src/checkpoint/index.js';
import {
  type ClickEvent,
  DOMAIN_CODE,
  type Item,
  NAMESPACE,
  type Sample,
  type StateValue,
  type TrainingRow,
} from '../../../src/core/index.js';
import { compareEvents, type PlacedEvent } from '../../../src/ordering/index.js';
import { stepReport } from '../step-report.js';
import { HASHER, impression, scoresOf, smallFold } from './small-fold.js';

const WINDOW_MS = 30;
const LENGTH = 2;
const ROWS = 5;
const MAX_DELAY_MS = 25;
const COLD = 2;
const NEW = 3;

const OVERRIDES = [
  'model.preset=paper',
  `labels.attributionWindowMs=${WINDOW_MS}`,
  `history.length=${LENGTH}`,
  `batching.size=${ROWS}`,
  `batching.maxBatchDelayMs=${MAX_DELAY_MS}`,
  `evaluation.coldImpressions=${COLD}`,
  `evaluation.newItemImpressions=${NEW}`,
];

/** Impressions with labels and without, clicks early, in time, late, twice and for nothing, everything twice at times. */
const log: fc.Arbitrary<PlacedEvent[]> = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 0, max: 9 }),
      domain: fc.constantFrom('target' as const, 'source' as const),
      user: fc.integer({ min: 0, max: 2 }),
      item: fc.integer({ min: 0, max: 3 }),
      label: fc.constantFrom('true', 'false', 'later', 'later', 'later'),
      clicksMs: fc.array(fc.integer({ min: -40, max: 45 }), { maxLength: 2 }),
      again: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    const events: ClickEvent[] = [];
    let eventTimeMs = 1000;
    rows.forEach(({ stepMs, domain, user, item, label, clicksMs, again }, i) => {
      eventTimeMs += stepMs;
      const shown = { eventTimeMs, domain, userId: `u${user}`, itemId: `i${item}` };
      const clicked = label === 'later' ? null : label === 'true';
      const event = impression({ ...shown, eventId: `m${i}`, clicked });
      events.push(event);
      if (again) events.push(event);
      clicksMs.forEach((delayMs, k) => {
        const click = { eventId: `c${i}.${k}`, kind: 'click', impressionId: `m${i}` } as const;
        events.push(impression({ ...shown, ...click, eventTimeMs: eventTimeMs + delayMs }));
      });
    });
    return events
      .map((event, i) => ({ event, partition: 0, position: BigInt(i) }))
      .sort(compareEvents)
      .map(({ event }, i) => ({ event, partition: 0, position: BigInt(i) }));
  });

/** What the fold must make of an impression, by looking at the whole log again for every question. */
interface Expected {
  readonly event: ClickEvent;
  label: number;
  /** Event time at which the label became known; Infinity: at the end of the log. */
  maturedMs: number;
}

interface Oracle {
  /** By order of scoring. */
  readonly rows: readonly Expected[];
  /** Rows of each step, in the order in which they entered training. */
  readonly steps: readonly (readonly Expected[])[];
  /** Rows with their label, in the order in which it became known. */
  readonly matured: readonly Expected[];
}

function oracle(placed: readonly PlacedEvent[]): Oracle {
  const log = placed
    .map(({ event }) => event)
    .filter((e, i, all) => all.findIndex((o) => o.eventId === e.eventId) === i);
  const rows: Expected[] = log
    .filter((event) => event.kind === 'impression')
    .map((event) => ({ event, label: -1, maturedMs: Number.POSITIVE_INFINITY }));
  const steps: Expected[][] = [];
  let fresh: Expected[] = [];
  let oldestMs = 0;
  const matured: Expected[] = [];
  const step = (): void => {
    steps.push(fresh);
    fresh = [];
  };
  const enter = (row: Expected, nowMs: number): void => {
    if (fresh.length === 0) oldestMs = nowMs;
    fresh.push(row);
    if (fresh.length === ROWS) step();
  };
  const firstMs = rows.find(({ event }) => event.clicked === null)?.event.eventTimeMs ?? 0;
  const releaseMs = ({ event }: Expected): number =>
    event.eventTimeMs + Math.max(0, WINDOW_MS - (event.eventTimeMs - firstMs) / 10);
  const held = new Set<Expected>();
  const mature = (row: Expected, label: number, nowMs: number): void => {
    row.label = label;
    row.maturedMs = nowMs;
    matured.push(row);
    const isHeld = row.event.clicked === null && label === 1 && releaseMs(row) >= nowMs;
    // a click at the very time of an impression that is not held any more
    if (isHeld && releaseMs(row) > row.event.eventTimeMs) held.add(row);
    else enter(row, nowMs);
  };
  // duplicates make time pass too
  placed.forEach(({ event }, at) => {
    const nowMs = event.eventTimeMs;
    for (const row of rows) {
      const begun = log.indexOf(row.event) < at && row.event.eventTimeMs <= nowMs;
      if (begun && row.label < 0 && row.event.eventTimeMs + WINDOW_MS < nowMs) mature(row, 0, nowMs);
    }
    for (const row of rows) {
      if (releaseMs(row) < nowMs && held.delete(row)) enter(row, nowMs);
    }
    if (fresh.length > 0 && nowMs - oldestMs > MAX_DELAY_MS) step();
    if (placed.findIndex((other) => other.event.eventId === event.eventId) !== at) return;
    const row = rows.find((r) => r.event.impressionId === event.impressionId)!;
    const impressionAt = placed.findIndex((other) => other.event === row.event);
    if (event.kind === 'click') {
      if (impressionAt < at && row.label < 0) mature(row, 1, nowMs);
      return;
    }
    const early = placed
      .slice(0, at)
      .some(
        (other) =>
          other.event.kind === 'click' &&
          other.event.impressionId === event.impressionId &&
          other.event.eventTimeMs + WINDOW_MS >= nowMs,
      );
    if (event.clicked !== null) mature(row, event.clicked ? 1 : 0, nowMs);
    else if (early) mature(row, 1, nowMs);
  });
  for (const row of rows) if (row.label < 0) row.label = 0;
  return { rows, steps, matured };
}

/** Folds a log with a learner that scores by `scoresOf`; checks on the way what must hold at every turn. */
class Drive {
  readonly scored: Sample[] = [];
  readonly steps: (readonly TrainingRow[])[] = [];
  readonly predictions: Sample[] = [];
  readonly #fold: Fold;

  constructor(fold: Fold) {
    fold.positions.bind([{ name: 'log' }]);
    this.#fold = fold;
  }

  accept(event: PlacedEvent): void {
    for (const turn of this.#fold.accept(event)) this.#turn(turn);
  }

  flush(): void {
    this.#turn(this.#fold.flush());
  }

  #turn(turn: ReturnType<Fold['flush']>): void {
    const { score, train } = this.#fold.batches(turn);
    this.scored.push(...turn.score);
    for (const sample of [...turn.train.map((row) => row.sample), ...turn.matured]) {
      expect(sample.scoredAtStep >= 0 || turn.score.includes(sample), 'scored before it is judged or trained').toBe(
        true,
      );
    }
    if (train !== null) this.steps.push(turn.train);
    const logits = score === null ? new Float32Array(0) : scoresOf(score, this.#fold.steps);
    const report = train === null ? null : stepReport(this.#fold.steps + 1, train.size);
    this.predictions.push(...this.#fold.settle(turn, logits, report));
  }
}

it('scores, labels, shows and trains exactly what a look at the whole log says', () => {
  fc.assert(
    fc.property(log, (events) => {
      const expected = oracle(events);
      const fold = smallFold(OVERRIDES);
      const drive = new Drive(fold);
      for (const event of events) drive.accept(event);
      drive.flush();

      const eventsOf = (samples: readonly Sample[]): string[] => samples.map((sample) => sample.eventId);
      const ids = expected.rows.map(({ event }) => event.eventId);
      expect(eventsOf(drive.scored)).toEqual(ids);
      expect(eventsOf(drive.predictions)).toEqual(ids);
      expect(drive.predictions.map((sample) => sample.label)).toEqual(expected.rows.map(({ label }) => label));
      expect(drive.steps.map((rows) => rows.map((row) => [row.sample.eventId, row.label, row.weight]))).toEqual(
        expected.steps.map((rows) => rows.map(({ event, label }) => [event.eventId, label, 1])),
      );
      for (const [i, sample] of drive.scored.entries()) checkPointInTime(sample, expected, i);

      const { target, source } = fold.summary();
      const positives = expected.rows.filter(({ label }) => label === 1).length;
      const late = expected.rows.filter((row) => row.label === 0 && hasLateClick(row, events)).length;
      expect([target.rows + source.rows, target.positives + source.positives]).toEqual([ids.length, positives + late]);
      expect(target.restated + source.restated).toBe(late);
      expect(fold.counts.duplicates).toBe(events.length - new Set(events.map(({ event }) => event.eventId)).size);
    }),
    { numRuns: 300 },
  );
});

function hasLateClick({ event: shown }: Expected, events: readonly PlacedEvent[]): boolean {
  return events.some(
    ({ event }) =>
      event.kind === 'click' &&
      event.impressionId === shown.impressionId &&
      event.eventTimeMs > shown.eventTimeMs + WINDOW_MS &&
      event.eventTimeMs <= shown.eventTimeMs + 2 * WINDOW_MS &&
      shown.clicked === null,
  );
}

function checkPointInTime(sample: Sample, { rows, steps, matured }: Oracle, at: number): void {
  const { event } = rows[at]!;
  const before = (timeMs: number): boolean => timeMs < event.eventTimeMs;
  const history = (domain: 'target' | 'source'): number[] =>
    matured
      .filter(
        (r) => r.label === 1 && before(r.maturedMs) && r.event.userId === event.userId && r.event.domain === domain,
      )
      .slice(-LENGTH)
      .map((r) => itemIdOf(r.event));
  const shown = (items: readonly Item[]): number[] => items.map((item) => item.featureIds[0]!);
  expect(shown(sample.historyTarget)).toEqual(history('target'));
  expect(shown(sample.historySource)).toEqual(history('source'));
  expect(sample.item.featureIds[0]).toBe(itemIdOf(event));

  const earlier = rows.filter((r) => before(r.event.eventTimeMs));
  const ofUser = earlier.filter((r) => r.event.userId === event.userId && r.event.domain === 'target');
  const ofItem = earlier.filter((r) => r.event.itemId === event.itemId && r.event.domain === event.domain);
  expect([sample.coldUser, sample.newItem]).toEqual([ofUser.length < COLD, ofItem.length < NEW]);

  // scored with the model of the steps before, in the turn of the step that came next
  expect(sample.logit).toBe(
    Math.fround(
      sample.historyTarget.length - sample.historySource.length + sample.domain / 2 + sample.scoredAtStep / 64,
    ),
  );
  const learnedAt = steps.findIndex((step) => step.some((row) => row.event === event));
  if (learnedAt >= 0) expect(sample.scoredAtStep).toBeLessThanOrEqual(learnedAt);
}

function itemIdOf({ domain, itemId }: ClickEvent): number {
  return HASHER.id(DOMAIN_CODE[domain] === 1 ? NAMESPACE.itemTarget : NAMESPACE.itemSource, 'item', itemId);
}

it('goes on from a snapshot at any event as if nothing had been', () => {
  const common = [
    ...OVERRIDES,
    ...['batching.replayShare=0.4', 'batching.maxReplays=2', 'history.maxUsers=2', 'labels.maxPending=6'],
  ];
  const residual = {
    statistics: { maxKeys: 100, halfLifeMs: 50 },
    linear: { kind: 'adaptive', bits: 6, learningRate: 0.5, priorSquares: 1, features: null, crosses: null },
  } as const;
  const modes = fc.constantFrom('wait', 'fakeNegativeWeighted', 'esDfm', 'defer');
  fc.assert(
    fc.property(log, fc.nat({ max: 80 }), modes, (events, at, mode) => {
      const labels = [`labels.mode=${mode}`, 'labels.firstLookMs=3', 'labels.negativeRate=0.8'];
      const overrides = [...common, ...labels];
      const fold = smallFold(overrides, residual);
      const whole = new Drive(fold);
      const cut = Math.min(at, events.length);
      for (const event of events.slice(0, cut)) whole.accept(event);
      const bytes = encodeState(fold.snapshot() as unknown as StateValue);
      const told = whole.predictions.length;

      const resumedFold = smallFold(overrides, residual);
      resumedFold.restore(decodeState(bytes) as unknown as FoldSnapshot);
      const resumed = new Drive(resumedFold);
      for (const event of events.slice(cut)) {
        whole.accept(event);
        resumed.accept(event);
      }
      whole.flush();
      resumed.flush();
      const row = (s: Sample): unknown[] => [s.sequence, s.label, s.logit, s.scoredAtStep, s.replays];
      expect(resumed.predictions.map(row)).toEqual(whole.predictions.slice(told).map(row));
      expect(encodeState(resumedFold.snapshot().state).equals(encodeState(fold.snapshot().state))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it('reports all others when impressions are given up', () => {
  const fold = smallFold([...OVERRIDES, 'labels.maxPending=3']);
  const drive = new Drive(fold);
  for (let i = 0; i < 12; i++) {
    const event = impression({ eventId: `m${i}`, eventTimeMs: i });
    drive.accept({ event, partition: 0, position: BigInt(i) });
  }
  const later = impression({ eventId: 'later', eventTimeMs: 1000, clicked: true });
  drive.accept({ event: later, partition: 0, position: 12n });
  drive.flush();
  expect(fold.counts.labelsGivenUp).toBe(9);
  expect(drive.predictions.map((s) => [s.eventId, s.label])).toEqual([
    ['m9', 0],
    ['m10', 0],
    ['m11', 0],
    ['later', 1],
  ]);
});
