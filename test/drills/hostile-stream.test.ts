import { describe, expect, it } from 'vitest';
import { type HostileOptions, runHostile } from '../../bench/hostile-run.js';
import { HOSTILITIES, type Hostility } from '../../bench/hostile-stream.js';
import { loadBackend } from '../../src/training/backend.js';

const { ops } = await loadBackend('auto', 8);
const run = (change: Partial<HostileOptions>) =>
  runHostile(ops, {
    ...{ steps: 5000, size: 16, stretch: 50, hostilities: HOSTILITIES, adversary: 'governed', rateFactor: 10, seed: 2 },
    ...change,
  });

/** Bench `hostile` runs the same for 100 000 steps. */
describe('a hostile stream', () => {
  it.each(['governed', 'literal'] as const)(
    'at ten times the usual rates, %s: everything stays finite',
    (adversary) => {
      const result = run({ adversary });
      expect(Object.keys(result.stepsOf)).toHaveLength(HOSTILITIES.length + 1);
      expect([result.nonFiniteWeights, result.nonFiniteScores]).toEqual([0, 0]);
      expect(result.weightsChecked).toBeGreaterThan(1e6);
      expect(result.scoresChecked).toBeGreaterThan(500);
      const unusable: Hostility = 'weights beyond float32';
      expect(result.discardedIn[unusable]).toBe(result.stepsOf[unusable]);
      expect(result.restored).toBeGreaterThan(0);
      // rows are capped, and what is too much was evicted
      expect(result.liveRows).toBeLessThanOrEqual(20_000);
      expect(result.evictedRows).toBeGreaterThan(20_000);
    },
  );

  it('is the same twice', () => {
    expect(run({ steps: 600 })).toEqual(run({ steps: 600 }));
  });

  it('of bursts that nothing can be learned from costs nothing that was learned between them', () => {
    const result = run({ rateFactor: 1, hostilities: ['weights beyond float32'] });
    expect(result.discarded).toBe(result.stepsOf['weights beyond float32']);
    expect(result.lastPeaceAuc).toBeGreaterThan(0.7);
  });

  it('with the literal adversary: its divergence is caught, and the learner learns', () => {
    const result = run({ rateFactor: 2, adversary: 'literal', hostilities: ['source only'] });
    expect(result.discarded).toBeGreaterThan(0);
    expect(result.restored).toBeGreaterThan(0);
    expect(result.lastPeaceAuc).toBeGreaterThan(0.7);
  });
});
