import { describe, expect, it } from 'vitest';
import { type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import { ZOO_KINDS, type ZooKind } from '../../../src/zoo/index.js';
import { SMALL_ENGINE } from '../model/options.js';
import { randomBatch } from '../model/random-batch.js';
import { smallOptions } from '../zoo/problem.js';

function engineOf(kind: ZooKind) {
  const { model } = SMALL_ENGINE;
  return new TrainingEngine(
    createReferenceOps(),
    { backend: 'reference', settings: {} },
    {
      ...SMALL_ENGINE,
      model: { ...model, adversary: { ...model.adversary, mode: 'off' } },
      baseline: smallOptions(kind),
    },
  );
}

function stream(seed: number, count: number): SampleBatch[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => randomBatch(random, { size: 8, users: 12, items: 9, historyLength: 3 }));
}

describe.each(ZOO_KINDS)('an engine that trains %s', (kind) => {
  it('learns what it is shown again and again', () => {
    const engine = engineOf(kind);
    const [batch] = stream(1, 1) as [SampleBatch];
    const first = engine.train(batch, 0);
    let last = first;
    for (let i = 1; i < 300; i++) last = engine.train(batch, i);
    expect(last.lossLabel).toBeLessThan(0.9 * first.lossLabel);
    expect(last).toMatchObject({ rows: 8, discarded: false, lossDomain: null, interestPositive: null });
    expect(engine.score(batch)).toHaveLength(8);
  });

  it('is a fold, and a restored one goes on as if never stopped', () => {
    const batches = stream(2, 12);
    const [straight, before, after] = [engineOf(kind), engineOf(kind), engineOf(kind)];
    const reports = batches.map((batch, i) => straight.train(batch, i));
    batches.slice(0, 7).forEach((batch, i) => void before.train(batch, i));
    after.restore(structuredClone(before.snapshot()));
    expect(batches.slice(7).map((batch, i) => after.train(batch, 7 + i))).toEqual(reports.slice(7));
    expect(after.snapshot()).toEqual(straight.snapshot());
  });
});
