import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import {
  LinearFeatures,
  type LinearLearner,
  type LinearLearnerOptions,
  LinearScorer,
  linearLearner,
  UnpublishedWeights,
} from '../../../src/linear/index.js';

const ADAPTIVE: LinearLearnerOptions = { kind: 'adaptive', bits: 8, learningRate: 0.5, priorSquares: 1 };
const FTRL: LinearLearnerOptions = { kind: 'ftrl', bits: 8, alpha: 0.1, beta: 1, l1: 0.1, l2: 0.1 };

function learnOne(learner: LinearLearner, random: SeededRandom): LinearFeatures {
  const features = new LinearFeatures();
  for (let k = 0; k < 3; k++) features.push(random.below(400), 1 + random.below(2));
  learner.learn(features, random.below(2), 1);
  return features;
}

describe.each([['adaptive', ADAPTIVE, 12] as const, ['ftrl', FTRL, 5] as const])('%s', (_, options, digits) => {
  it('a scorer that takes in what changed predicts as the learner does', () => {
    const random = new SeededRandom(2, 'linear');
    const learner = linearLearner(options);
    const unpublished = new UnpublishedWeights(learner);
    const scorer = new LinearScorer(options);
    let changed = 0;
    for (let version = 0; version < 40; version++) {
      for (let k = random.below(4); k > 0; k--) learnOne(learner, random);
      const part = unpublished.serving(null);
      expect(part.wholeBecause === null).toBe(version > 0);
      if (version > 0) changed += part.tables[0]!.ids.length;
      scorer.apply(part.tables[0]!, part.wholeBecause !== null);
      unpublished.published();
      expect(scorer.table()).toEqual(unpublished.serving('all').tables[0]);
      const features = learnOne(linearLearner(options), random);
      expect(scorer.predict(features)).toBeCloseTo(learner.predict(features), digits);
    }
    expect(changed).toBeLessThan(40 * 4 * 3);
  });

  it('goes on across a snapshot', () => {
    const random = new SeededRandom(8, 'linear');
    const learner = linearLearner(options);
    const unpublished = new UnpublishedWeights(learner);
    learnOne(learner, random);
    unpublished.published();
    learnOne(learner, random);
    const other = linearLearner(options);
    other.restore(learner.snapshot());
    const restored = new UnpublishedWeights(other);
    restored.restore(unpublished.snapshot());
    const again = new SeededRandom(3, 'again');
    learnOne(learner, again);
    learnOne(other, new SeededRandom(3, 'again'));
    expect(restored.serving(null)).toEqual(unpublished.serving(null));
    expect(restored.serving(null).wholeBecause).toBeNull();
  });
});
