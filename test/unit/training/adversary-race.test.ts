import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../../src/checkpoint/index.js';
import { type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { AdversaryRace } from '../../../src/training/adversary-race.js';
import { RacingEngine } from '../../../src/training/racing-engine.js';
import { SMALL_ENGINE } from '../model/options.js';
import { randomBatch } from '../model/random-batch.js';

/** Rows of the target domain whose label follows `truth`; the two models predict truth pulled towards 1/2 by less or more. */
function rows(random: SeededRandom, size: number, blurWith: number, blurWithout: number) {
  const label = new Float32Array(size);
  const withAdversary = new Float64Array(size);
  const without = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const truth = random.next();
    label[i] = random.next() < truth ? 1 : 0;
    withAdversary[i] = truth + blurWith * (0.5 - truth);
    without[i] = truth + blurWithout * (0.5 - truth);
  }
  const batch = {
    size,
    domain: new Uint8Array(size).fill(1),
    label,
    weight: new Float32Array(size).fill(1),
  } as unknown as SampleBatch;
  return { batch, withAdversary, without };
}

describe('AdversaryRace', () => {
  it('takes the adversary where it helps, leaves it where it hurts, and says by how much', () => {
    const race = new AdversaryRace();
    const random = new SeededRandom(1);
    const feed = (steps: number, blurWith: number, blurWithout: number): void => {
      for (let step = 0; step < steps; step++) {
        const { batch, withAdversary, without } = rows(random, 100, blurWith, blurWithout);
        race.observe(batch, withAdversary, without);
      }
    };
    expect(race.withAdversary).toBe(false);
    feed(5, 0.1, 0.5);
    expect(race.withAdversary).toBe(false); // too few rows to tell
    feed(100, 0.1, 0.5);
    expect(race.withAdversary).toBe(true);
    expect(race.report().gainLow).toBeGreaterThan(0);
    feed(300, 0.5, 0.1);
    expect(race.withAdversary).toBe(false);
    expect(race.report().recentGain).toBeLessThan(0);
  });

  it('holds 95 % intervals that cover no gain where there is none', () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const race = new AdversaryRace();
      const random = new SeededRandom(seed);
      // the same model twice, up to noise of either sign
      const { batch, withAdversary } = rows(random, 400, 0.2, 0.2);
      const noisy = (p: Float64Array) => p.map((x) => Math.min(0.99, Math.max(0.01, x + 0.05 * random.normal())));
      race.observe(batch, noisy(withAdversary), noisy(withAdversary));
      const { gainLow, gainHigh } = race.report();
      if (gainLow! <= 0 && gainHigh! >= 0) covered++;
    }
    expect(covered).toBeGreaterThan(180);
  });

  it('looks at target rows only', () => {
    const race = new AdversaryRace();
    const { batch, withAdversary, without } = rows(new SeededRandom(1), 50, 0.1, 0.5);
    batch.domain.fill(0);
    race.observe(batch, withAdversary, without);
    expect(race.report().gain).toBeNull();
  });
});

const SHAPE = { size: 24, users: 12, items: 9, historyLength: 3 };

describe('RacingEngine', () => {
  const options = { ...SMALL_ENGINE, race: true };
  const create = () => new RacingEngine(createReferenceOps(), { backend: 'reference', settings: {} }, options);

  it('goes on to the bit after a restore', () => {
    const a = create();
    const random = new SeededRandom(3);
    const batches = Array.from({ length: 12 }, () => randomBatch(random, SHAPE));
    for (const batch of batches.slice(0, 6)) a.train(batch, 1);
    const b = create();
    const { model, optimizer, rest } = a.snapshot();
    b.restore({ model, optimizer, rest: decodeState(encodeState(rest)) });
    for (const batch of batches.slice(6)) expect(b.train(batch, 2)).toEqual(a.train(batch, 2));
    expect(b.score(batches[0]!)).toEqual(a.score(batches[0]!));
  });

  it('serves the weights of the model that scores, and reports both', () => {
    const engine = create();
    const batch = randomBatch(new SeededRandom(4), SHAPE);
    const report = engine.train(batch, 1);
    expect(report.race).toMatchObject({ adversary: false });
    const names = engine.snapshot().model.map((t) => t.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.some((name) => name.startsWith('race.'))).toBe(false);
  });
});
