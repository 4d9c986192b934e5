import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/core/index.js';
import { Adwin, DriftMonitor } from '../../../../src/evaluation/index.js';

/** A calibrated model at a click rate near .15 whose weight changes its sign in the world, not in the model, at `driftAt`. */
function feed(monitor: DriftMonitor, rows: number, driftAt: number, seed: number): number[] {
  const random = new SeededRandom(seed);
  const alarms: number[] = [];
  for (let i = 0; i < rows; i++) {
    const x = 1.2 * random.normal();
    const truth = -2 + (i < driftAt ? x : -x);
    const label = random.next() < 1 / (1 + Math.exp(-truth)) ? 1 : 0;
    if (monitor.update(-2 + x, label, i * 10)) alarms.push(i);
  }
  return alarms;
}

describe('DriftMonitor', () => {
  it('is silent before a change of concept that keeps the click rate, and alarms soon after it', () => {
    for (const seed of [1, 2, 3]) {
      const monitor = new DriftMonitor(new Adwin(), 5000);
      const [first] = feed(monitor, 20_000, 10_000, seed);
      expect(first!).toBeGreaterThanOrEqual(10_000);
      expect(first!).toBeLessThan(10_400);
      const { lastAlarmRow, lastAlarmMs } = monitor.summary();
      expect(lastAlarmMs).toBe(lastAlarmRow! * 10);
    }
  });

  it('counts one alarm per cool-down', () => {
    const eager = new DriftMonitor(new Adwin(0.9), 0);
    const calm = new DriftMonitor(new Adwin(0.9), 3000);
    // turned about every 1000 rows
    const turns = (monitor: DriftMonitor) =>
      Array.from({ length: 20 }, (_, k) => feed(monitor, 1000, 500, k).map((at) => 1000 * k + at)).flat();
    const every = turns(eager);
    const alarms = turns(calm);
    expect(every.length).toBeGreaterThan(alarms.length);
    expect(alarms.length).toBeGreaterThan(1);
    expect(alarms.length).toBe(calm.summary().alarms);
    alarms.slice(1).forEach((at, i) => {
      expect(at - alarms[i]!).toBeGreaterThanOrEqual(3000);
    });
  });

  it('has no signal before both classes are known', () => {
    const monitor = new DriftMonitor(new Adwin(), 5000);
    for (let i = 0; i < 5000; i++) expect(monitor.update(i < 2500 ? -9 : 9, 0, i)).toBe(false);
    expect(monitor.summary()).toEqual({ alarms: 0, lastAlarmRow: null, lastAlarmMs: null });
  });

  it('goes on to the bit from a snapshot', () => {
    const going = new DriftMonitor(new Adwin(), 500);
    feed(going, 6000, 3000, 5);
    const restored = new DriftMonitor(new Adwin(), 500);
    feed(restored, 100, 50, 6);
    restored.restore(going.snapshot());
    expect(feed(restored, 9000, 2000, 7)).toEqual(feed(going, 9000, 2000, 7));
    expect(restored.snapshot()).toEqual(going.snapshot());
  });
});
