import { describe, expect, it } from 'vitest';
import { StepGuard } from '../../../src/training/engine-guard.js';
import type { WeightsState } from '../../../src/training/engine-weights.js';

const weights = (name: string): WeightsState => ({ model: [], optimizer: [], rest: name });
const START = weights('start');
const guardOf = (everySteps = 4) => new StepGuard({ everySteps, afterDiscards: 3 }, START);

/** Steps through losses as the engine does; what each did. */
function run(guard: StepGuard, losses: readonly (number | null)[], first = 0): string[] {
  return losses.map((loss, i) => {
    if (guard.runsAway(loss)) return guard.discarded() === null ? 'discarded' : 'restored';
    guard.applied(0.5, () => weights(`step ${first + i}`));
    return 'applied';
  });
}

const times = <X>(n: number, x: X): X[] => new Array<X>(n).fill(x);

describe('a run-away adversary', () => {
  it('is caught after seven losses beyond any bound, and the copy comes back after k discards', () => {
    const done = run(guardOf(), times(9, 1e5));
    expect(done).toEqual([...times(6, 'applied'), 'discarded', 'discarded', 'restored']);
  });

  it('is not one odd batch, nor the return of a domain after a drought, nor what governed steps show', () => {
    const everyTenth = Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? 1e9 : 0.7));
    for (const losses of [everyTenth, times(300, 5), times(300, 2.5)]) {
      expect(run(guardOf(), losses)).not.toContain('discarded');
    }
  });

  it('weakens the reversal and spares the learning rate while reversal can be the cause', () => {
    const guard = guardOf();
    run(guard, times(9, 1e5));
    expect(guard.reversalFactor).toBe(2 ** -3);
    expect(guard.rateFactor).toBe(1);
    let restored = 1;
    while (guard.rateFactor === 1) restored += run(guard, [1e5]).filter((what) => what === 'restored').length;
    expect(guard.reversalFactor).toBeLessThan(2 ** -10);
    expect(restored).toBe(4);
  });

  it('is not forgiven by steps that have no discriminators', () => {
    const alternating = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 1e5 : null));
    const done = run(guardOf(), [...times(6, 1e5), ...alternating]);
    expect(done.slice(6)).toEqual([
      ...['discarded', 'applied', 'discarded', 'applied', 'restored', 'applied'],
      ...times(6, 'applied'),
    ]);
  });

  it('leaves no copy on its way', () => {
    const guard = guardOf(1);
    run(guard, times(3, 0.7), 100);
    const rising = [3, 9, 30, 90, 270, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
    let copy: WeightsState | null = null;
    for (const loss of rising) {
      if (guard.runsAway(loss)) copy = guard.discarded() ?? copy;
      else guard.applied(0.5, () => weights(`at ${loss}`));
    }
    // 3 and 9 nats move the average to .9 and 1.7
    expect(copy).toEqual(weights('at 9'));
  });

  it('is remembered in the snapshot', () => {
    const [straight, before, after] = [guardOf(), guardOf(), guardOf()];
    const losses = [...times(5, 20), ...times(12, 1e5)];
    const done = run(straight, losses);
    run(before, losses.slice(0, 8));
    after.restore(structuredClone(before.snapshot()));
    expect(run(after, losses.slice(8))).toEqual(done.slice(8));
    expect(after.snapshot()).toEqual(straight.snapshot());
  });
});
