import { describe, expect, it } from 'vitest';
import { featureId, type LearnerState, NAMESPACE, type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import type { ModelOptions } from '../../../src/model/model-options.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import type { EngineOptions } from '../../../src/training/engine-options.js';
import { SMALL_ENGINE, SMALL_MODEL } from '../model/options.js';
import { type RandomBatchOptions, randomBatch } from '../model/random-batch.js';

const GOVERNED: ModelOptions = {
  ...SMALL_MODEL,
  dropout: 0.2,
  denseWidth: 2,
  offsetInput: true,
  threshold: { mode: 'prior', value: 0.5 },
  adversary: { mode: 'governed', strength: 1, kappa: 1.2, rampSteps: 10 },
};

function engineOf(model: Partial<ModelOptions> = {}, change: Partial<EngineOptions> = {}) {
  const options = { ...SMALL_ENGINE, ...change, model: { ...GOVERNED, ...model } };
  return new TrainingEngine(createReferenceOps(), { backend: 'reference', settings: {} }, options);
}

function stream(seed: number, count: number, change: Partial<RandomBatchOptions> = {}): SampleBatch[] {
  const random = new SeededRandom(seed);
  const options = { size: 8, users: 12, items: 9, historyLength: 3, denseWidth: 2, ...change };
  return Array.from({ length: count }, () => randomBatch(random, options));
}

/** Everything but the guard's and the counters' part. */
const weightsOf = ({ model, optimizer }: LearnerState) => ({ model, optimizer });
const poisoned = (batch: SampleBatch): SampleBatch => ({ ...batch, weight: batch.weight.map(() => Number.NaN) });

describe('training engine', () => {
  it('learns what it is shown again and again', () => {
    const engine = engineOf({ dropout: 0 });
    const [batch] = stream(1, 1) as [SampleBatch];
    const first = engine.train(batch, 0);
    let last = first;
    for (let i = 1; i < 300; i++) last = engine.train(batch, i);
    expect(last.step).toBe(300);
    expect(last.lossLabel).toBeLessThan(0.5 * first.lossLabel);
    expect(last).toMatchObject({ rows: 8, discarded: false, restored: false });
    expect([last.lossDomain, last.lossClass1, last.lossClass0].every((loss) => loss !== null)).toBe(true);
    expect(last.interestPositive).toHaveLength(3);
  });

  it('is a fold: the same batches give the same bits, and a restored engine goes on as if never stopped', () => {
    const batches = stream(2, 24);
    const [straight, again, before, after] = [engineOf(), engineOf(), engineOf(), engineOf()];
    const reports = batches.map((batch, i) => straight.train(batch, i));
    expect(batches.map((batch, i) => again.train(batch, i))).toEqual(reports);
    expect(again.snapshot()).toEqual(straight.snapshot());
    batches.slice(0, 13).forEach((batch, i) => void before.train(batch, i));
    const saved = structuredClone(before.snapshot());
    before.train(batches[0]!, 13);
    after.restore(saved);
    expect(batches.slice(13).map((batch, i) => after.train(batch, 13 + i))).toEqual(reports.slice(13));
    expect(after.snapshot()).toEqual(straight.snapshot());
  });

  it('adapts to drift: rows move further for so many steps, second moments fade, the ramp begins anew; restored or not', () => {
    const batches = stream(4, 20);
    const adaptation = { steps: 2, embeddingRateFactor: 3, secondMomentFactor: 0.25 };
    const engine = engineOf({ dropout: 0 });
    batches.slice(0, 12).forEach((batch, i) => void engine.train(batch, i));
    const before = structuredClone(engine.snapshot());
    const [calm, adapted, restored] = [engineOf({ dropout: 0 }), engineOf({ dropout: 0 }), engineOf({ dropout: 0 })];
    calm.restore(structuredClone(before));
    adapted.restore(structuredClone(before));
    adapted.adapt(adaptation);
    const tensor = (state: LearnerState, name: string) =>
      [...state.model, ...state.optimizer].find((t) => t.name === name)!.data as Float32Array;
    const faded = tensor(adapted.snapshot(), 'dense.v');
    tensor(before, 'dense.v').forEach((v, i) => void expect(faded[i]).toBeCloseTo(0.25 * v, 12));
    restored.restore(structuredClone(adapted.snapshot()));
    const [first] = batches.slice(12) as [SampleBatch];
    expect(calm.train(first, 12).reversal).toBeGreaterThan(0);
    expect(adapted.train(first, 12).reversal).toBe(0);
    batches.slice(12).forEach((batch, i) => void restored.train(batch, 12 + i));
    batches.slice(13).forEach((batch, i) => void adapted.train(batch, 13 + i));
    expect(adapted.snapshot()).toEqual(restored.snapshot());
    expect(restored.snapshot().rest).toMatchObject({ fast: { steps: 0, factor: 3 } });
  });

  it('gives snapshots buffers of their own', () => {
    const engine = engineOf();
    for (const [i, batch] of stream(3, 7).entries()) engine.train(batch, i);
    const first = engine.snapshot();
    const buffers: ArrayBufferLike[] = [];
    const collect = (value: unknown): void => {
      if (ArrayBuffer.isView(value)) {
        if (value.byteLength > 0) buffers.push(value.buffer);
        expect(value.byteLength).toBe(value.buffer.byteLength);
      } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    };
    collect(first);
    expect(new Set(buffers).size).toBe(buffers.length);
    const kept = structuredClone(first);
    structuredClone(first, { transfer: buffers as ArrayBuffer[] });
    expect(engine.snapshot()).toEqual(kept);
  });

  it('starts at the label rate of the first batch, unless a linear part knows it', () => {
    const [batch] = stream(4, 1, { size: 10 }) as [SampleBatch];
    batch.label.fill(0);
    batch.label[3] = 1;
    const rates = { ...SMALL_ENGINE.optimizer, denseLearningRate: 0 };
    const biasAfter = (given: SampleBatch): number => {
      const engine = engineOf({}, { optimizer: rates });
      engine.train(given, 0);
      return engine.snapshot().model.find(({ name }) => name === 'pred.b2')!.data[0]!;
    };
    expect(biasAfter(batch)).toBeCloseTo(Math.log(1.5 / 9.5), 6);
    expect(biasAfter({ ...batch, offset: batch.offset.map(() => -2) })).toBe(0);
  });

  it('trains discriminators at their own rate where one is given', () => {
    const [batch] = stream(5, 1) as [SampleBatch];
    const trained = (discriminatorLearningRate: number | null) => {
      const engine = engineOf({}, { optimizer: { ...SMALL_ENGINE.optimizer, discriminatorLearningRate } });
      engine.train(batch, 0);
      return engine.snapshot().model;
    };
    const [same, slow] = [trained(null), trained(1e-5)];
    expect(trained(SMALL_ENGINE.optimizer.denseLearningRate)).toEqual(same);
    const different = same.filter((tensor, i) => tensor.data.some((x, j) => x !== slow[i]!.data[j]));
    expect(different.map(({ name }) => name).sort()).toEqual(
      ['dom.c0.W', 'dom.c0.b', 'dom.c1.W', 'dom.c1.b', 'dom.global.W', 'dom.global.b'].sort(),
    );
  });

  it('leaves discriminators alone in batches of one domain', () => {
    const engine = engineOf();
    const [mixed] = stream(6, 1) as [SampleBatch];
    const [source] = stream(7, 1, { domain: 0 }) as [SampleBatch];
    engine.train(mixed, 0);
    const discriminators = () => engine.snapshot().model.filter(({ name }) => name.startsWith('dom.'));
    const before = discriminators();
    const report = engine.train(source, 1);
    expect(report).toMatchObject({ lossDomain: null, lossClass1: null, lossClass0: null, reversal: 0 });
    expect(report.interestNegative).toBeNull();
    expect(discriminators()).toEqual(before);
  });

  it.each([
    [7, [true, false]],
    [8, [false, true]],
    [9, [true, true]],
  ] as const)('reports the losses that ablation %i has', (ablation, [noGlobal, noClasses]) => {
    const report = engineOf({ ablation }).train(stream(8, 1)[0]!, 0);
    expect(report.lossDomain === null).toBe(noGlobal);
    expect(report.lossClass1 === null).toBe(noClasses);
  });
});

describe('scoring', () => {
  it('allocates nothing and reads unknown ids as zero vectors', () => {
    const engine = engineOf();
    for (const [i, batch] of stream(9, 5).entries()) engine.train(batch, i);
    const before = engine.snapshot();
    const { rows } = engine.inspect();
    const strangers = stream(10, 1)[0]!;
    const unknown = { ...strangers, userIds: strangers.userIds.map((_, i) => featureId(NAMESPACE.user, 900_000 + i)) };
    const nobody = { ...strangers, userSplits: new Int32Array(9), userIds: new Float64Array(0) };
    expect(engine.score(unknown)).toEqual(engine.score(nobody));
    expect(engine.snapshot()).toEqual(before);
    expect(engine.inspect().rows).toEqual(rows);
  });

  it('knows none of the ids and still scores; scores nothing of nothing', () => {
    const engine = engineOf();
    expect(engine.score(stream(11, 1)[0]!).every(Number.isFinite)).toBe(true);
    expect(engine.score(stream(11, 1, { size: 0 })[0]!)).toHaveLength(0);
  });

  it('adds the offset, and leaves dropout to training', () => {
    const engine = engineOf({ offsetInput: false });
    const batch = stream(12, 1)[0]!;
    engine.train(batch, 0);
    const plain = engine.score(batch);
    expect(engine.score(batch)).toEqual(plain);
    const shifted = engine.score({ ...batch, offset: batch.offset.map(() => 1.5) });
    expect(Array.from(shifted, (x, i) => x - plain[i]!)).toEqual(Array.from(plain, () => expect.closeTo(1.5, 5)));
  });

  it("does not let a row's bits depend on its company", () => {
    const engine = engineOf();
    for (const [i, batch] of stream(13, 5).entries()) engine.train(batch, i);
    const batch = stream(14, 1)[0]!;
    const together = engine.score(batch);
    for (let i = 0; i < batch.size; i++) expect(engine.score(alone(batch, i))[0]).toBe(together[i]);
  });
});

describe('the non-finite guard', () => {
  it('discards the step: no weight, slot or running state changes, reversal halves', () => {
    const [engine, twin] = [engineOf(), engineOf()];
    const batches = stream(15, 6);
    for (const [i, batch] of batches.slice(0, 4).entries()) for (const e of [engine, twin]) e.train(batch, i);
    const before = weightsOf(engine.snapshot());
    // same ids and time as the step before: seeing a row again moves its age
    const report = engine.train(poisoned(batches[3]!), 3);
    expect(report).toMatchObject({ discarded: true, restored: false, step: 5 });
    expect(weightsOf(engine.snapshot())).toEqual(before);
    expect(engine.train(batches[4]!, 5).reversal).toBeCloseTo(0.5 * twin.train(batches[4]!, 5).reversal, 12);
  });

  it('puts the guard copy back after k discards in a row, and halves learning rates', () => {
    const engine = engineOf({ dropout: 0 });
    const batches = stream(16, 9);
    for (const [i, batch] of batches.slice(0, 5).entries()) engine.train(batch, i);
    const copy = weightsOf(engine.snapshot());
    for (const [i, batch] of batches.slice(5, 8).entries()) engine.train(batch, 5 + i);
    expect(weightsOf(engine.snapshot())).not.toEqual(copy);
    const bad = poisoned(batches[0]!);
    expect([8, 9, 10].map((time) => engine.train(bad, time).restored)).toEqual([false, false, true]);
    expect(weightsOf(engine.snapshot())).toEqual(copy);
    // the same step moves half as far as from an engine that never met the bad batch
    const untroubled = engineOf({ dropout: 0 });
    for (const [i, batch] of batches.slice(0, 5).entries()) untroubled.train(batch, i);
    const step = (e: typeof engine) => {
      const value = () => e.snapshot().model.find(({ name }) => name === 'pred.b1')!.data[0]!;
      const start = value();
      e.train(batches[8]!, 20);
      return value() - start;
    };
    const ratio = step(engine) / step(untroubled);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(0.6);
  });

  it('is part of the snapshot', () => {
    const [straight, after] = [engineOf(), engineOf()];
    const batches = stream(17, 20).map((batch, i) => (i > 10 && i < 15 ? poisoned(batch) : batch));
    const reports = batches.map((batch, i) => straight.train(batch, i));
    expect(reports.some(({ restored }) => restored)).toBe(true);
    const before = engineOf();
    batches.slice(0, 12).forEach((batch, i) => void before.train(batch, i));
    after.restore(structuredClone(before.snapshot()));
    expect(batches.slice(12).map((batch, i) => after.train(batch, 12 + i))).toEqual(reports.slice(12));
    expect(after.snapshot()).toEqual(straight.snapshot());
  });

  it('survives the literal adversary, which diverges', () => {
    const literal = { mode: 'literal', strength: 1, kappa: 1.2, rampSteps: 0 } as const;
    const engine = engineOf(
      { ...SMALL_MODEL, width: 8, hidden: [24, 16, 8], adversary: literal },
      {
        seed: 3,
        optimizer: { denseLearningRate: 0.02, embeddingLearningRate: 0.02, discriminatorLearningRate: null },
        guard: { everySteps: 20, afterDiscards: 3 },
      },
    );
    const batches = stream(3, 20, { size: 16, users: 20, items: 10, denseWidth: 0 });
    const reports = Array.from({ length: 500 }, (_, i) => engine.train(batches[i % 20]!, i));
    const fired = reports.findIndex(({ discarded }) => discarded);
    expect(fired).toBeGreaterThan(0);
    expect(reports.some(({ restored }) => restored)).toBe(true);
    expect(engine.snapshot().model.every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(engine.score(batches[0]!).every(Number.isFinite)).toBe(true);
  });
});

/** Row i of a batch as a batch of its own. */
function alone(batch: SampleBatch, i: number): SampleBatch {
  const list = ({ splits, items }: SampleBatch['histT']) => {
    const own = items.slice(splits[i], splits[i + 1]);
    return { splits: Int32Array.of(0, own.length), items: own };
  };
  const userIds = batch.userIds.slice(batch.userSplits[i], batch.userSplits[i + 1]);
  return {
    ...batch,
    size: 1,
    domain: batch.domain.slice(i, i + 1),
    label: batch.label.slice(i, i + 1),
    weight: batch.weight.slice(i, i + 1),
    offset: batch.offset.slice(i, i + 1),
    dense: batch.dense.slice(i * batch.denseWidth, (i + 1) * batch.denseWidth),
    userSplits: Int32Array.of(0, userIds.length),
    userIds,
    candidate: batch.candidate.slice(i, i + 1),
    histT: list(batch.histT),
    histS: list(batch.histS),
  };
}
