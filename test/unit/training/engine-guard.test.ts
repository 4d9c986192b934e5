import { describe, expect, it } from 'vitest';
import { isStalled, StepGuard } from '../../../src/training/engine-guard.js';
import type { WeightsState } from '../../../src/training/engine-weights.js';

const weights = (name: string): WeightsState => ({ model: [], optimizer: [], rest: name });
const START = weights('start');
const RUINED = () => weights('ruined');
const guardOf = (everySteps = 4) => new StepGuard({ everySteps, afterDiscards: 3 }, START);

/** Steps through losses as the engine does; what each did. */
function run(guard: StepGuard, losses: readonly (number | null)[], first = 0): string[] {
  return losses.map((loss, i) => {
    if (guard.runsAway(loss, 0.01)) return guard.discarded(RUINED) === null ? 'discarded' : 'restored';
    guard.applied(0.5, false, () => weights(`step ${first + i}`));
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

  it('weakens the reversal until it is off, and spares the learning rate', () => {
    const guard = guardOf();
    run(guard, times(9, 1e5));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([2 ** -3, 1]);
    run(guard, times(27, 1e5));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([0, 1]);
  });

  it('does no harm without reversal', () => {
    const guard = guardOf();
    expect(times(50, 1e5).some((loss) => guard.runsAway(loss, 0))).toBe(false);
    expect(guard.runsAway(1e5, 1e-6)).toBe(true);
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
      if (guard.runsAway(loss, 1)) copy = guard.discarded(RUINED) ?? copy;
      else guard.applied(0.5, false, () => weights(`at ${loss}`));
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

describe('discarded steps', () => {
  const NOW = () => weights('now');
  /** What each step puts back. */
  const steps = (guard: StepGuard, what: readonly ('good' | 'bad')[]) =>
    what.map((kind) => {
      const back = kind === 'bad' ? guard.discarded(NOW) : guard.applied(0.5, false, () => weights('later'));
      return back?.rest ?? null;
    });

  it('blame the batch where the weights are those of the copy', () => {
    const guard = guardOf(100);
    expect(steps(guard, times(4, 'bad'))).toEqual(times(4, null));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
  });

  it('keep the copy when it helps', () => {
    const guard = guardOf(100);
    expect(steps(guard, ['good', 'bad', 'bad', 'bad', 'good', 'bad'])).toEqual([null, null, null, 'start', null, null]);
    expect(guard.rateFactor).toBeCloseTo(0.5, 3);
    expect(guard.reversalFactor).toBeCloseTo(2 ** -4, 3);
  });

  it('exchange the copy for what it replaced, and take back their halvings, when it does not help', () => {
    const guard = guardOf(100);
    const back = steps(guard, ['good', 'bad', 'bad', 'bad', 'bad', 'good']);
    expect(back).toEqual([null, null, null, 'start', 'now', null]);
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
    // steps since the copy still count: the hundredth good one makes the next
    steps(guard, [...times(98, 'good' as const)]);
    expect(steps(guard, ['good', 'bad', 'bad', 'bad']).at(-1)).toBe('later');
  });

  it('remember in the snapshot what the copy replaced', () => {
    const [before, after] = [guardOf(100), guardOf(100)];
    steps(before, ['good', 'bad', 'bad', 'bad']);
    after.restore(structuredClone(before.snapshot()));
    expect(steps(after, ['bad'])).toEqual(['now']);
  });

  it('cost no more than 24 000 good steps, however many they are', () => {
    const guard = guardOf(1_000_000);
    for (let i = 0; i < 100; i++) steps(guard, ['good', 'bad', 'bad', 'bad']);
    expect(guard.rateFactor).toBeLessThan(1 / 1000);
    steps(guard, times(24_000, 'good' as const));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
  });
});

describe('a model that no gradient passes', () => {
  it('gets the copy back after a hundred steps, at half the rates, and gives no copy', () => {
    const guard = guardOf(10);
    const step = (stalled: boolean) => guard.applied(0.5, stalled, () => weights('later'));
    for (let i = 0; i < 99; i++) expect(step(true)).toBeNull();
    expect(step(false)).toBeNull();
    for (let i = 0; i < 99; i++) expect(step(true)).toBeNull();
    expect(step(true)).toEqual(weights('later'));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 0.5]);
  });

  it('is told by wrong predictions without gradient, where users and items have rows', () => {
    const lists = (n: number) => ({ splits: Int32Array.of(0, n), items: new Int32Array(n) });
    const found = { rows: Int32Array.of(0), userFeatures: lists(1), itemFeatures: lists(1) };
    const [wrong, right] = [Float64Array.of(0, 0.1), new Float64Array(2)];
    const [none, some] = [new Float32Array(3), Float32Array.of(0, 0, 1e-9)];
    expect(isStalled(found, wrong, none)).toBe(true);
    expect(isStalled(found, right, none)).toBe(false);
    expect(isStalled(found, wrong, some)).toBe(false);
    expect(isStalled({ ...found, userFeatures: lists(0) }, wrong, none)).toBe(false);
    expect(isStalled({ ...found, itemFeatures: lists(0) }, wrong, none)).toBe(false);
  });
});
