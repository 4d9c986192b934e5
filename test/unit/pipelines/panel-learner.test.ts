import { expect, it } from 'vitest';
import { type Panelist, PanelLearner } from '../../../pipelines/panel-learner.js';
import { type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import { randomBatch } from '../model/random-batch.js';
import { stepReport } from '../step-report.js';

/** Scores with its number after `delayMs`. */
function panelist(number: number, delayMs: number, targetOnly = false): Panelist {
  const after = <V>(value: V) => new Promise<V>((resolve) => setTimeout(() => resolve(value), delayMs));
  return {
    learner: {
      score: ({ size }: SampleBatch) => after(new Float32Array(size).fill(number)),
      train: () => after(stepReport(1, 3)),
    },
    readsOffset: true,
    readsStatistics: true,
    targetOnly,
  };
}

it('gives the logits of batches in the order of the calls, whoever is done first', async () => {
  const panel = new PanelLearner([panelist(1, 1), panelist(2, 30, true)]);
  const batch = (domain: 0 | 1) =>
    randomBatch(new SeededRandom(1), { size: 3, users: 2, items: 3, historyLength: 2, domain });
  // the second panelist sees nothing in the source's batch, which is therefore done long before the target's
  await Promise.all([panel.score(batch(1)), panel.score(batch(0))]);
  expect(panel.takeLogits().map((logits) => [...logits])).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  expect(panel.takeLogits().map((logits) => [...logits])).toEqual([
    [1, 1, 1],
    [Number.NaN, Number.NaN, Number.NaN],
  ]);
});

it('tells every panelist to adapt, as a learner alone is told', async () => {
  const told: unknown[] = [];
  const listening = (number: number): Panelist => ({
    ...panelist(number, 0),
    learner: {
      score: async ({ size }) => new Float32Array(size),
      train: async (_batch, _eventTimeMs, adaptation) => {
        told.push(adaptation);
        return stepReport(1, 3);
      },
    },
  });
  const batch = randomBatch(new SeededRandom(1), { size: 3, users: 2, items: 3, historyLength: 2 });
  const adaptation = { steps: 5, embeddingRateFactor: 3, secondMomentFactor: 0.5 };
  await new PanelLearner([listening(1), listening(2)]).train(batch, 0, adaptation);
  expect(told).toEqual([adaptation, adaptation]);
});
