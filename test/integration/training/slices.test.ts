import { afterEach, describe, expect, it } from 'vitest';
import { type LearnerState, SeededRandom } from '../../../src/core/index.js';
import { type BackendName, loadBackend } from '../../../src/training/backend.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import type { EngineOptions } from '../../../src/training/engine-options.js';
import { type SliceThreads, startSliceThreads } from '../../../src/training/slice-threads.js';
import { TENSOR_ENGINES } from '../../conformance/tensor-engines.js';
import { SMALL_ENGINE, SMALL_MODEL } from '../../unit/model/options.js';
import { randomBatch } from '../../unit/model/random-batch.js';
import { smallOptions } from '../../unit/zoo/problem.js';

const ENGINES: readonly BackendName[] = ['fused', ...TENSOR_ENGINES];
const DADIN: EngineOptions = {
  ...SMALL_ENGINE,
  slices: 3,
  model: {
    ...SMALL_MODEL,
    ...{ width: 16, hidden: [24, 20, 16], dropout: 0.2, denseWidth: 2, offsetInput: true, detachYhat: false },
    classScale: 'normalised',
    threshold: { mode: 'quantile', value: 0.7 },
  },
};
const BASELINE: EngineOptions = {
  ...SMALL_ENGINE,
  slices: 3,
  model: { ...SMALL_MODEL, width: 3, hidden: [5, 3], adversary: { ...SMALL_MODEL.adversary, mode: 'off' } },
  baseline: smallOptions('minet'),
};

const opened: SliceThreads[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((threads) => threads.close()));
});

async function engineOf(name: BackendName, options: EngineOptions, threads: number) {
  const backend = await loadBackend(name, options.model.width);
  if (threads === 1) return new TrainingEngine(backend.ops, backend, options);
  const helpers = await startSliceThreads(threads - 1, name);
  opened.push(helpers);
  return new TrainingEngine(backend.ops, { ...backend, threads: helpers }, options);
}

/** Steps of sizes that leave slices without rows too, batches of one domain among them; a score after each. */
function run(engine: TrainingEngine<unknown>, denseWidth: number): { answers: unknown[]; state: LearnerState } {
  const random = new SeededRandom(5, 'slices');
  const answers = [40, 200, 2, 1, 41, 150].map((size, i) => {
    const shape = { size, users: 60, items: 90, historyLength: 5, denseWidth };
    const batch = randomBatch(random, i === 4 ? { ...shape, domain: 1 } : shape);
    return [engine.train(batch, i), engine.score(randomBatch(random, shape))];
  });
  return { answers, state: engine.snapshot() };
}

describe.each(ENGINES)('slices on %s', (name) => {
  it.each([
    ['DADIN', DADIN],
    ['a baseline', BASELINE],
  ])('%s: the same bits for any number of threads', async (_, options) => {
    const one = run(await engineOf(name, options, 1), options.model.denseWidth);
    for (const threads of name === 'fused' ? [2, 4] : [2]) {
      expect(run(await engineOf(name, options, threads), options.model.denseWidth)).toEqual(one);
    }
  });

  it('give the gradients of the whole batch', async () => {
    const options = { ...DADIN, model: { ...DADIN.model, dropout: 0 } };
    const [whole, sliced] = [await engineOf(name, { ...options, slices: 1 }, 1), await engineOf(name, options, 2)];
    const batch = randomBatch(new SeededRandom(6), {
      size: 100,
      users: 60,
      items: 90,
      historyLength: 5,
      denseWidth: 2,
    });
    const reports = [whole, sliced].map((engine) => engine.train(batch, 0)) as [unknown, unknown];
    expect(reports[1]).toEqual(closeTo(reports[0]));
    // after one step the first moment is a tenth of the gradient
    const moments = [whole, sliced].map((engine) =>
      engine.snapshot().optimizer.filter((tensor) => tensor.name.endsWith('.m')),
    );
    expect(moments[0]!.length).toBe(3);
    for (const [i, { data }] of moments[0]!.entries()) {
      const scale = Math.max(...data.map(Math.abs));
      const worst = Math.max(...data.map((x, j) => Math.abs(x - moments[1]![i]!.data[j]!)));
      expect(scale).toBeGreaterThan(0);
      expect(worst / scale).toBeLessThan(1e-5);
    }
  });
});

describe('a thread for slices', () => {
  const batch = () => randomBatch(new SeededRandom(7), { size: 64, users: 60, items: 90, historyLength: 5 });
  const options = { ...SMALL_ENGINE, slices: 2 };

  it('that ends makes every later step fail with a code', async () => {
    const engine = await engineOf('fused', options, 2);
    engine.train(batch(), 0);
    await opened[0]!.close();
    expect(() => engine.train(batch(), 1)).toThrow(expect.objectContaining({ code: 'DADIN_LEARNER_FAILED' }));
  });

  it('that fails in a step fails the step, and all later ones', async () => {
    const engine = await engineOf('fused', options, 2);
    const whole = batch();
    // an item that no list has: the slice of the other thread stumbles over it
    const broken = { ...whole, candidate: whole.candidate.map((item, i) => (i === 63 ? -1 : item)) };
    expect(() => engine.train(broken, 0)).toThrow(expect.objectContaining({ name: 'DadinError' }));
    expect(() => engine.train(whole, 1)).toThrow(expect.objectContaining({ name: 'DadinError' }));
  });
});

/** Numbers within float32's reach of each other. */
function closeTo(report: unknown): unknown {
  return JSON.parse(JSON.stringify(report), (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? expect.closeTo(value, 5) : value,
  );
}
