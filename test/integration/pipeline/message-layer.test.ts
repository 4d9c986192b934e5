import { expect, it } from 'vitest';
import type { ReplaySummary } from '../../../pipelines/replay.js';
import { replayInProcess } from './in-process.js';

// Claim 5: delayed clicks, disorder and repetition change neither labels nor what is learned.

const SYNTHETIC = { preset: 'test', seed: 5, events: 3000, sourceRatio: 1 } as const;
const TRAVEL = { jitterMs: 30_000, lateShare: 0.05, lateMs: 600_000, duplicateShare: 0.05 };
const DIRECT = { jitterMs: 0, lateShare: 0, lateMs: 0, duplicateShare: 0 };
const DELAY = { clickDelayMeanMs: 600_000 };
/** Twenty-four mean delays: no click comes later. */
const WINDOW_MS = 14_400_000;
const BATCH_DELAY_MS = 3_600_000;
const OVERRIDES = [`labels.attributionWindowMs=${WINDOW_MS}`, `batching.maxBatchDelayMs=${BATCH_DELAY_MS}`];

interface Learned {
  readonly summary: ReplaySummary;
  /** Impression, label, logit and event time in scoring order. */
  readonly predictions: readonly (readonly [string, number, number, number])[];
  /** Impressions of each step. */
  readonly steps: readonly (readonly string[])[];
}

async function learned(messages: object | null, ...overrides: readonly string[]): Promise<Learned> {
  const predictions: [string, number, number, number][] = [];
  const steps: string[][] = [];
  const config = { input: { synthetic: { ...SYNTHETIC, messages } } };
  const summary = await replayInProcess(config, [...OVERRIDES, ...overrides], '.', (settled) => {
    for (const s of settled.predictions) predictions.push([s.impressionId, s.label, s.logit, s.eventTimeMs]);
    if (settled.turn.train.length > 0) steps.push(settled.turn.train.map((row) => row.sample.impressionId));
  });
  return { summary, predictions, steps };
}

it('messages that travel badly are learned from as those that come at once, once and in order', async () => {
  const direct = await learned({ ...DELAY, ...DIRECT });
  // 2 jitters and the lateness: no message lags more
  const travelled = await learned({ ...DELAY, ...TRAVEL }, 'ordering.outOfOrdernessMs=660000');
  expect(direct.summary).toMatchObject({ duplicates: 0, late: 0, orphanClicks: 0, labelsGivenUp: 0 });
  expect(travelled.summary).toMatchObject({
    late: 0,
    orphanClicks: 0,
    labelsGivenUp: 0,
    domains: direct.summary.domains,
  });
  expect(travelled.summary.duplicates).toBeGreaterThan(100);
  expect(travelled.predictions).toEqual(direct.predictions);
  expect(travelled.steps).toEqual(direct.steps);
});

it.each([
  ['fakeNegativeWeighted', 1],
  ['fakeNegativeCalibrated', 0.5],
  ['esDfm', 1],
  ['defer', 0.5],
])('so they are where training does not wait: %s, %d of the negatives', async (mode, negativeRate) => {
  // ten windows of 20 minutes, and esDfm and defer begin
  const windowMs = 1_200_000;
  const early = [
    `labels.attributionWindowMs=${windowMs}`,
    `labels.mode=${mode}`,
    `labels.negativeRate=${negativeRate}`,
  ];
  const travelling = [...early, 'ordering.outOfOrdernessMs=660000'];
  const waiting = await learned({ ...DELAY, ...TRAVEL }, ...travelling, 'labels.mode=wait');
  const direct = await learned({ ...DELAY, ...DIRECT }, ...early);
  const travelled = await learned({ ...DELAY, ...TRAVEL }, ...travelling);
  expect(travelled.summary).toMatchObject({ late: 0, labelsGivenUp: 0, domains: direct.summary.domains });
  expect(travelled.predictions).toEqual(direct.predictions);
  expect(travelled.steps).toEqual(direct.steps);
  const labels = ({ predictions }: Learned): unknown[] => predictions.map(([impression, label]) => [impression, label]);
  expect(labels(travelled)).toEqual(labels(waiting));
  expect(travelled.steps, 'and yet it learns otherwise').not.toEqual(waiting.steps);
});

it('labels told later are in the end those that stand in the event', async () => {
  const labelled = await learned(null);
  const told = await learned({ ...DELAY, ...TRAVEL }, 'ordering.outOfOrdernessMs=660000');
  const labels = ({ predictions }: Learned): unknown[] => predictions.map(([impression, label]) => [impression, label]);
  expect(labels(labelled)).toHaveLength(SYNTHETIC.events);
  expect(labels(told)).toEqual(labels(labelled));

  const trained = new Set(told.steps.flat());
  expect(trained.size, 'each once').toBe(told.steps.flat().length);
  // what waits at the end of the log is scored and judged, but not learned from
  const endMs = told.predictions.at(-1)![3];
  for (const [impression, , , eventTimeMs] of told.predictions) {
    if (eventTimeMs < endMs - WINDOW_MS - BATCH_DELAY_MS) expect(trained).toContain(impression);
  }
});
