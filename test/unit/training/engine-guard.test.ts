import { describe, expect, it } from 'vitest';
import type { StateValue } from '../../../src/core/index.js';
import type { Rewindable } from '../../../src/parameters/index.js';
import { isStalled, StepGuard } from '../../../src/training/engine-guard.js';

/** Weights that are a name. */
class NamedWeights implements Rewindable {
  now = 'start';
  #marked = 'start';
  #kept: string | null = null;

  mark(): void {
    this.#marked = this.now;
    this.#kept = null;
  }

  rewind(keep: boolean): void {
    this.#kept = keep ? this.now : null;
    this.now = this.#marked;
  }

  settle(): void {
    this.#kept = null;
  }

  resume(): void {
    if (this.#kept === null) throw new Error('nothing kept');
    this.now = this.#kept;
    this.#kept = null;
  }

  snapshotMark(): StateValue {
    return { marked: this.#marked, kept: this.#kept };
  }

  restoreMark(state: StateValue): void {
    const { marked, kept } = state as { marked: string; kept: string | null };
    this.#marked = marked;
    this.#kept = kept;
  }
}

const guardOf = (everySteps = 4, weights = new NamedWeights()) =>
  new StepGuard({ everySteps, afterDiscards: 3 }, weights);

/** Steps through losses as the engine does; what each did. */
function run(guard: StepGuard, losses: readonly (number | null)[]): string[] {
  return losses.map((loss) => {
    if (guard.runsAway(loss, 0.01)) return guard.discarded() ? 'restored' : 'discarded';
    guard.applied(0.5, false);
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
    const weights = new NamedWeights();
    const guard = guardOf(1, weights);
    run(guard, times(3, 0.7));
    const putBack: string[] = [];
    const rising = [3, 9, 30, 90, 270, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
    for (const loss of rising) {
      if (guard.runsAway(loss, 1)) {
        if (guard.discarded()) putBack.push(weights.now);
        continue;
      }
      weights.now = `at ${loss}`;
      guard.applied(0.5, false);
    }
    // 3 and 9 nats move the average to .9 and 1.7
    expect(putBack).toEqual(['at 9']);
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
  /** What each step puts back. A good one leaves weights called `name`. */
  const steps = (guard: StepGuard, weights: NamedWeights, what: readonly ('good' | 'bad')[], name = 'now') =>
    what.map((kind) => {
      if (kind === 'good') weights.now = name;
      const back = kind === 'bad' ? guard.discarded() : guard.applied(0.5, false);
      return back ? weights.now : null;
    });
  const guarded = (everySteps: number) => {
    const weights = new NamedWeights();
    return [guardOf(everySteps, weights), weights] as const;
  };

  it('blame the batch where the weights are those of the copy', () => {
    const [guard, weights] = guarded(100);
    expect(steps(guard, weights, times(4, 'bad'))).toEqual(times(4, null));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
  });

  it('keep the copy when it helps', () => {
    const [guard, weights] = guarded(100);
    const back = steps(guard, weights, ['good', 'bad', 'bad', 'bad', 'good', 'bad']);
    expect(back).toEqual([null, null, null, 'start', null, null]);
    expect(guard.rateFactor).toBeCloseTo(0.5, 3);
    expect(guard.reversalFactor).toBeCloseTo(2 ** -4, 3);
  });

  it('exchange the copy for what it replaced, and take back their halvings, when it does not help', () => {
    const [guard, weights] = guarded(100);
    const back = steps(guard, weights, ['good', 'bad', 'bad', 'bad', 'bad', 'good']);
    expect(back).toEqual([null, null, null, 'start', 'now', null]);
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
    // steps since the copy still count: the hundredth good one makes the next
    steps(guard, weights, times(98, 'good' as const), 'later');
    expect(steps(guard, weights, ['good', 'bad', 'bad', 'bad'], 'last').at(-1)).toBe('later');
  });

  it('remember in the snapshot what the copy replaced', () => {
    const [[before, left], [after, right]] = [guarded(100), guarded(100)];
    steps(before, left, ['good', 'bad', 'bad', 'bad']);
    after.restore(structuredClone(before.snapshot()));
    expect(steps(after, right, ['bad'])).toEqual(['now']);
  });

  it('cost no more than 24 000 good steps, however many they are', () => {
    const [guard, weights] = guarded(1_000_000);
    for (let i = 0; i < 100; i++) steps(guard, weights, ['good', 'bad', 'bad', 'bad']);
    expect(guard.rateFactor).toBeLessThan(1 / 1000);
    steps(guard, weights, times(24_000, 'good' as const));
    expect([guard.reversalFactor, guard.rateFactor]).toEqual([1, 1]);
  });
});

describe('a model that no gradient passes', () => {
  it('gets the copy back after a hundred steps, at half the rates, and gives no copy', () => {
    const weights = new NamedWeights();
    const guard = guardOf(10, weights);
    let steps = 0;
    const step = (stalled: boolean) => {
      weights.now = `step ${++steps}`;
      return guard.applied(0.5, stalled);
    };
    for (let i = 0; i < 99; i++) expect(step(true)).toBe(false);
    expect(step(false)).toBe(false);
    for (let i = 0; i < 99; i++) expect(step(true)).toBe(false);
    expect(step(true)).toBe(true);
    // the one healthy step, which was due for a copy
    expect(weights.now).toBe('step 100');
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
