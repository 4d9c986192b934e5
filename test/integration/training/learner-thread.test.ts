import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { type BackendName, loadBackend } from '../../../src/training/backend.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import { startLearner, type ThreadedLearner } from '../../../src/training/learner-thread.js';
import { TENSOR_ENGINES } from '../../conformance/tensor-engines.js';
import { SMALL_ENGINE } from '../../unit/model/options.js';
import { randomBatch } from '../../unit/model/random-batch.js';

const ENGINES: readonly BackendName[] = ['fused', ...TENSOR_ENGINES];
const BATCH = { size: 24, users: 30, items: 40, historyLength: 6 };

const batches = (count: number) => {
  const random = new SeededRandom(11, 'batches');
  return Array.from({ length: count }, () => randomBatch(random, BATCH));
};

const learners: ThreadedLearner[] = [];
const start = async (backend: BackendName, engine = SMALL_ENGINE) => {
  const learner = await startLearner({ backend, engine, threads: 1 });
  learners.push(learner);
  return learner;
};

afterEach(async () => {
  await Promise.all(learners.splice(0).map((learner) => learner.close()));
});

describe.each(ENGINES)('a learner in its thread, %s', (name) => {
  it('gives the bits of the engine called directly, in the order of the calls', async () => {
    const learner = await start(name);
    const backend = await loadBackend(name, SMALL_ENGINE.model.width);
    const engine = new TrainingEngine(backend.ops, backend, SMALL_ENGINE);
    expect(learner.describe()).toEqual(engine.describe());

    const answers = batches(6).map((batch, i) => (i % 2 ? learner.score(batch) : learner.train(batch, i)));
    const expected = batches(6).map((batch, i) => (i % 2 ? engine.score(batch) : engine.train(batch, i)));
    expect(await Promise.all(answers)).toEqual(expected);
    expect((await learner.inspect()).rows).toEqual(engine.inspect().rows);
  });

  it('goes on from a snapshot as if never stopped', async () => {
    const first = await start(name);
    const [one, two, three] = batches(3) as [
      ReturnType<typeof randomBatch>,
      ReturnType<typeof randomBatch>,
      ReturnType<typeof randomBatch>,
    ];
    await first.train(one, 0);
    const state = await first.snapshot();
    const kept = structuredClone(state);
    const second = await start(name);
    await second.restore(state);
    expect(state).toEqual(kept);

    const [again, last] = [structuredClone(two), structuredClone(three)];
    const reports = [await first.train(two, 1), await first.score(three)];
    expect([await second.train(again, 1), await second.score(last)]).toEqual(reports);
    expect(await second.snapshot()).toEqual(await first.snapshot());
  });

  it('keeps no matrix between calls', async () => {
    const learner = await start(name);
    for (const batch of batches(2)) await learner.train(batch, 0);
    const { tensors } = await learner.inspect();
    for (const batch of batches(10)) await learner.train(batch, 0);
    for (const batch of batches(10)) await learner.score(batch);
    expect((await learner.inspect()).tensors).toBe(tensors);
  });
});

describe('a learner’s thread that fails', () => {
  it('answers a refused state with the engine’s own error and lives on', async () => {
    const learner = await start('fused');
    const other = await start('fused', {
      ...SMALL_ENGINE,
      model: { ...SMALL_ENGINE.model, width: 8, hidden: [6, 5, 8] },
    });
    const state = await other.snapshot();
    await expect(learner.restore(state)).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_MISMATCH' });
    expect(await learner.score(batches(1)[0]!)).toHaveLength(BATCH.size);
  });

  it('rejects every open call, and every later one, when the thread ends', async () => {
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    const learner = await start('fused');
    const open = batches(20).map((batch) => learner.train(batch, 0));
    const worker = posted.mock.contexts.at(-1) as Worker;
    posted.mockRestore();
    const settled = Promise.allSettled(open);
    await worker.terminate();
    const rejected = (await settled).filter((result) => result.status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    for (const { reason } of rejected) expect(reason).toMatchObject({ code: 'DADIN_LEARNER_FAILED' });
    await expect(learner.inspect()).rejects.toMatchObject({ code: 'DADIN_LEARNER_FAILED' });
  });

  it('ends on what is not a DadinError', async () => {
    const learner = await start('fused');
    const { candidate: _, ...incomplete } = batches(1)[0]!;
    await expect(learner.score(incomplete as ReturnType<typeof randomBatch>)).rejects.toMatchObject({
      code: 'DADIN_LEARNER_FAILED',
      message: expect.stringContaining('failed'),
    });
    await expect(learner.inspect()).rejects.toMatchObject({ code: 'DADIN_LEARNER_FAILED' });
  });

  it('refuses calls after close, which may be called twice', async () => {
    const learner = await start('fused');
    const answer = learner.train(batches(1)[0]!, 0);
    await Promise.all([learner.close(), learner.close()]);
    expect((await answer).step).toBe(1);
    await expect(learner.inspect()).rejects.toMatchObject({ code: 'DADIN_LEARNER_FAILED' });
  });
});
