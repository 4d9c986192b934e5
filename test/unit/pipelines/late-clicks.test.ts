import { expect, it } from 'vitest';
import type { Fold } from '../../../pipelines/fold.js';
import type { Turn } from '../../../pipelines/turn.js';
import type { ClickEvent } from '../../../src/core/index.js';
import { stepReport } from '../step-report.js';
import { impression, scoresOf, smallFold } from './small-fold.js';

const WINDOW_MS = 100;
const OVERRIDES = [
  'model.preset=paper',
  'model.statistics=true',
  `labels.attributionWindowMs=${WINDOW_MS}`,
  'batching.size=4',
  'batching.maxBatchDelayMs=20',
];

/** Impressions every 10 ms; every third is clicked, within its window or up to two windows later. */
function log(rows: number): ClickEvent[] {
  const events = Array.from({ length: rows }, (_, i) => {
    const shown = { eventId: `m${i}`, eventTimeMs: i * 10, userId: `u${i % 5}`, itemId: `i${i % 7}` };
    const clickMs = i * 10 + (i % 2 === 0 ? 45 : 155);
    const click = { ...shown, eventId: `c${i}`, kind: 'click', impressionId: `m${i}`, eventTimeMs: clickMs } as const;
    return [impression(shown), ...(i % 3 === 0 ? [impression(click)] : [])];
  });
  return events.flat().sort((a, b) => a.eventTimeMs - b.eventTimeMs);
}

/** Folds the events; turns are settled as soon as so many are under way. */
function fold(events: readonly ClickEvent[], underWay: number, learned: unknown[] = []): Fold {
  const fold = smallFold(OVERRIDES);
  fold.positions.bind([{ name: 'p' }]);
  const turns: Turn[] = [];
  let steps = 0;
  const settle = (turn: Turn): void => {
    const { score, train } = fold.batches(turn);
    learned.push(turn.train.map(({ sample, label, weight }) => [sample.sequence, label, weight]));
    const logits = score === null ? new Float32Array(0) : scoresOf(score, steps);
    fold.settle(turn, logits, train === null ? null : stepReport(++steps, train.size));
  };
  for (const [i, event] of events.entries()) {
    turns.push(...fold.accept({ event, partition: 0, position: BigInt(i) }));
    while (turns.length >= underWay) settle(turns.shift()!);
  }
  for (const turn of turns) settle(turn);
  return fold;
}

it('puts the figures right when a click comes after the window, and says until when they are provisional', () => {
  const events = log(60);
  const running = fold(events, 1);
  const { target } = running.summary();
  expect(target.restated).toBeGreaterThan(0);
  expect(target.provisional).toBe(true);
  expect(target.provisionalRows).toBeGreaterThan(0);
  running.settle(running.flush(), new Float32Array(64), null);
  const { target: final } = running.summary();
  // every third of 60 is clicked: all of them count in the end, half of them late
  expect(final).toMatchObject({ rows: 60, positives: 20, restated: 10, provisional: false, provisionalRows: 0 });
  expect(running.counts).toMatchObject({ lateClicks: 10, orphanClicks: 0 });
});

it('restates the same figures however far the front half runs ahead of the learner', () => {
  const events = log(90);
  expect(fold(events, 3).evaluation.snapshot()).toEqual(fold(events, 1).evaluation.snapshot());
});

it('learns nothing from a late click: the labels of what is trained on stay', () => {
  const isLate = ({ kind, impressionId }: ClickEvent) => kind === 'click' && Number(impressionId.slice(1)) % 2 === 1;
  const astray = log(60).map((event) => (isLate(event) ? { ...event, impressionId: 'unknown' } : event));
  const late: unknown[] = [];
  const without: unknown[] = [];
  const folds = [fold(log(60), 1, late), fold(astray, 1, without)];
  expect(late).toEqual(without);
  const known = folds.map((fold) => fold.snapshot().state as Record<string, unknown>);
  expect(known[0]!['statistics']).toEqual(known[1]!['statistics']);
});
