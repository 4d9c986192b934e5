import { expect, it } from 'vitest';
import type { Item, Sample, SampleBatch } from '../../../src/core/index.js';
import { trainEpochs } from '../../../src/experiments/epochs.js';
import { stepReport } from '../step-report.js';

const ITEM: Item = {
  serial: 0,
  domain: 1,
  featureIds: Float64Array.of(1),
  impressions: 1,
  batchStamp: 0,
  batchSlot: 0,
};

function row(sequence: number, label: number): Sample {
  return {
    sequence,
    eventId: '',
    impressionId: '',
    eventTimeMs: sequence,
    domain: 1,
    userId: 'u',
    itemId: 'i',
    userFeatureIds: [],
    item: ITEM,
    historyTarget: [],
    historySource: [],
    coldUser: false,
    newItem: false,
    dense: new Float32Array(0),
    offset: sequence,
    targetOnly: null,
    logit: Number.NaN,
    scoredAtStep: -1,
    label,
    replays: 0,
  };
}

/** Its ranking of (0, 1) rows is right in the epochs that say so; its logits tell the epoch. */
function learner(rightInEpoch: readonly boolean[], stepsPerEpoch: number) {
  const seen: number[][] = [];
  let steps = 0;
  return {
    seen,
    score: async ({ offset }: SampleBatch) => {
      const epoch = steps / stepsPerEpoch;
      return offset.map((value) => (rightInEpoch[epoch - 1] ? value : -value) + 1000 * epoch);
    },
    train: async ({ offset, size }: SampleBatch) => {
      seen.push([...offset]);
      return stepReport(++steps, size);
    },
  };
}

const SPLIT = {
  train: [1, 2, 3, 4, 5].map((n) => row(n, n % 2)),
  valid: [row(1, 0), row(2, 1)],
  test: [row(7, 1)],
  coldUsers: new Set<string>(),
};
const OPTIONS = { batchSize: 2, maxEpochs: 10, patience: 2, seed: 1 };

it('stops when validation gets no better, and gives the test logits of the best epoch', async () => {
  const one = learner([false, true, true, false, true], 3);
  const { bestEpoch, validation, logits } = await trainEpochs(one, SPLIT, OPTIONS);
  expect(validation).toEqual([0, 1, 1, 0]);
  expect(bestEpoch).toBe(2);
  expect([...logits]).toEqual([2007]);
});

it('goes over every training row once an epoch, in another order each', async () => {
  const one = learner([true], 3);
  await trainEpochs(one, SPLIT, OPTIONS);
  const epochs = [0, 1, 2].map((epoch) => one.seen.slice(3 * epoch, 3 * epoch + 3).flat());
  for (const epoch of epochs) expect(epoch.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(epochs.map(String)).size).toBeGreaterThan(1);
  expect(one.seen.map(({ length }) => length).slice(0, 3)).toEqual([2, 2, 1]);
});
