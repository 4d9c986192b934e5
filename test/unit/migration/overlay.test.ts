import { describe, expect, it } from 'vitest';
import { type LearnerState, type NamedTensor, SeededRandom } from '../../../src/core/index.js';
import { overlayEngine } from '../../../src/migration/overlay-engine.js';
import { overlayFold } from '../../../src/migration/overlay-fold.js';
import { overlayLearner } from '../../../src/migration/overlay-learner.js';
import type { ModelOptions } from '../../../src/model/model-options.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import type { EngineOptions } from '../../../src/training/engine-options.js';
import { RacingEngine } from '../../../src/training/racing-engine.js';
import { SMALL_ENGINE, SMALL_MODEL } from '../model/options.js';
import { randomBatch } from '../model/random-batch.js';

type Engine = Pick<TrainingEngine<unknown>, 'train' | 'snapshot' | 'restore' | 'score'>;

function engineOf(model: Partial<ModelOptions> = {}, change: Partial<EngineOptions> = {}): Engine {
  const options = { ...SMALL_ENGINE, ...change, model: { ...SMALL_MODEL, ...model } };
  const Kind = options.race ? RacingEngine : TrainingEngine;
  return new Kind(createReferenceOps(), { backend: 'reference', settings: {} }, options);
}

const random = new SeededRandom(3);
const BATCHES = Array.from({ length: 12 }, () =>
  randomBatch(random, { size: 8, users: 9, items: 7, historyLength: 3 }),
);

function trained(model: Partial<ModelOptions> = {}, change: Partial<EngineOptions> = {}): Engine {
  const engine = engineOf(model, change);
  BATCHES.forEach((batch, i) => void engine.train(batch, i));
  return engine;
}

const tensor = ({ model, optimizer }: LearnerState, name: string): NamedTensor =>
  [...model, ...optimizer].find((candidate) => candidate.name === name)!;

describe('one engine over another', () => {
  it('of the same shapes keeps every bit and goes on as the old one', () => {
    const old = trained();
    const { state, startedAnew } = overlayEngine(engineOf().snapshot(), old.snapshot());
    expect(startedAnew).toEqual([]);
    const next = engineOf();
    next.restore(structuredClone(state));
    expect(next.snapshot().model).toEqual(old.snapshot().model);
    expect(next.snapshot().optimizer).toEqual(old.snapshot().optimizer);
    expect(next.train(BATCHES[0]!, 99)).toEqual(old.train(BATCHES[0]!, 99));
    expect(next.snapshot().model).toEqual(old.snapshot().model);
  });

  it('of other hidden widths keeps what fits with its slots, wherever it lies now', () => {
    const old = trained().snapshot();
    const fresh = engineOf({ hidden: [9, 5, 4] }).snapshot();
    const { state, startedAnew } = overlayEngine(fresh, old);
    expect(startedAnew).toEqual(['dnn.0.W', 'dnn.0.b', 'dnn.1.W', 'da.0.W', 'da.0.b', 'da.1.W']);
    for (const name of ['att.t.W', 'dnn.2.W', 'pred.W1', 'dom.c1.W', 'embedding.rows', 'embedding.m'])
      expect(tensor(state, name)).toEqual(tensor(old, name));
    expect(tensor(state, 'dnn.0.W')).toEqual(tensor(fresh, 'dnn.0.W'));
    const slotOf = (of: LearnerState, name: string) => {
      let start = 0;
      for (const { name: other, data } of of.model) {
        if (other === name) return tensor(of, 'dense.m').data.slice(start, start + data.length);
        start += data.length;
      }
      return null;
    };
    expect(slotOf(state, 'pred.W1')).toEqual(slotOf(old, 'pred.W1'));
    expect(slotOf(state, 'pred.W1')?.some((value) => value !== 0)).toBe(true);
    expect(slotOf(state, 'dnn.0.W')?.every((value) => value === 0)).toBe(true);
    expect(tensor(state, 'discriminators.v')).toEqual(tensor(old, 'discriminators.v'));
    const next = engineOf({ hidden: [9, 5, 4] });
    next.restore(structuredClone(state));
    expect(next.train(BATCHES[0]!, 99)).toMatchObject({ step: 13, discarded: false });
  });

  it('of another row optimizer keeps the rows and starts its slot at 0', () => {
    const table: EngineOptions['table'] = {
      ...SMALL_ENGINE.table,
      optimizer: { kind: 'adagrad', epsilon: 1e-8, decay: 1 },
    };
    const { state, startedAnew } = overlayEngine(engineOf({}, { table }).snapshot(), trained().snapshot());
    expect(startedAnew).toEqual(['embedding.accumulator (optimizer)']);
    const next = engineOf({}, { table });
    next.restore(structuredClone(state));
    expect(next.train(BATCHES[0]!, 99).discarded).toBe(false);
  });

  it('of another embedding width starts the rows anew', () => {
    const fresh = engineOf({ width: 6, hidden: [6, 5, 6] }).snapshot();
    const { state, startedAnew } = overlayEngine(fresh, trained().snapshot());
    expect(startedAnew).toContain('embedding rows');
    expect(tensor(state, 'embedding.rows').shape).toEqual([0, 6]);
    const next = engineOf({ width: 6, hidden: [6, 5, 6] });
    next.restore(structuredClone(state));
    expect(next.train(BATCHES[0]!, 99).step).toBe(13);
  });
});

describe('a race', () => {
  const RACE = { race: true };

  it('begins with both models as the one that was', () => {
    const old = trained();
    const next = engineOf({}, RACE);
    next.restore(structuredClone(overlayLearner(next.snapshot(), old.snapshot()).state));
    expect(next.score(BATCHES[0]!)).toEqual(old.score(BATCHES[0]!));
    const names = next.snapshot().optimizer.map(({ name }) => name);
    expect(tensor(next.snapshot(), 'race.pred.W1').data).toEqual(tensor(old.snapshot(), 'pred.W1').data);
    expect(names).toContain('race.embedding.rows');
  });

  it('goes on, and ends with the model that scored', () => {
    const old = trained({}, RACE);
    const raced = engineOf({}, RACE);
    raced.restore(structuredClone(overlayLearner(raced.snapshot(), old.snapshot()).state));
    expect(raced.snapshot().model).toEqual(old.snapshot().model);
    expect(raced.snapshot().optimizer).toEqual(old.snapshot().optimizer);
    const alone = engineOf();
    alone.restore(structuredClone(overlayLearner(alone.snapshot(), old.snapshot()).state));
    expect(alone.score(BATCHES[0]!)).toEqual(old.score(BATCHES[0]!));
  });
});

describe('the linear part', () => {
  const state = (kind: string, mask: number) => ({ linear: { kind, mask } });

  it('keeps its weights under another rate or other crosses, and starts anew as another kind or size', () => {
    const kept = overlayFold(state('adaptive', 7), state('adaptive', 7), ['model.linear']);
    expect(kept.startedAnew).toEqual([]);
    for (const fresh of [state('ftrl', 7), state('adaptive', 15)]) {
      const { state: next, startedAnew } = overlayFold(fresh, state('adaptive', 7), ['model.linear']);
      expect([next, startedAnew]).toEqual([fresh, ['linear']]);
    }
  });
});

describe('the front half', () => {
  const old = {
    histories: { a: 1 },
    evaluation: { bins: 64 },
    mixer: { fresh: [1], target: 'full', source: 'full' },
    gone: 1,
  };
  const fresh = {
    histories: {},
    evaluation: {},
    mixer: { fresh: [], target: 'empty', source: 'empty' },
    linear: { w: 0 },
  };

  it('keeps stages that both have, starts new ones, drops old ones', () => {
    expect(overlayFold(fresh, old, ['model.linear'])).toEqual({
      state: { histories: old.histories, evaluation: old.evaluation, mixer: old.mixer, linear: fresh.linear },
      startedAnew: ['linear'],
    });
  });

  it('a stage that is switched off is dropped and not called anew', () => {
    expect(overlayFold({ ...fresh, linear: null }, { ...old, linear: { w: 1 } }, ['model.linear'])).toMatchObject({
      state: { linear: null },
      startedAnew: [],
    });
  });

  it('starts a stage anew whose form the change gives', () => {
    const { state, startedAnew } = overlayFold(fresh, old, ['evaluation.bins', 'batching.recencyRows']);
    expect(startedAnew).toEqual(['evaluation', 'replay buffers', 'linear']);
    expect(state).toMatchObject({ evaluation: {}, mixer: { fresh: [1], target: 'empty', source: 'empty' } });
  });
});
