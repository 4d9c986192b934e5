import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/core/index.js';
import { type DetectorName, DriftWatch, judgedRow, type SignalName } from '../../../../src/evaluation/index.js';

/** Scores that rank well, and from `driftAt` on not at all; click rate .1. Calls back for every alarm. */
function feed(watch: DriftWatch, rows: number, driftAt: number, seed: number, from = 0): number[] {
  const random = new SeededRandom(seed);
  const alarms: number[] = [];
  for (let i = 0; i < rows; i++) {
    const label = random.next() < 0.1 ? 1 : 0;
    const logit = (i < driftAt ? 1.5 * label : 0) + random.normal() - 2.5;
    if (i >= from && watch.update(judgedRow(logit, label), i)) alarms.push(i);
  }
  return alarms;
}

const options = { detector: 'adwin', signal: 'ranking', coolDownRows: 5000, effectRows: 1000 } as const;

describe('DriftWatch', () => {
  it('alarms soon after the ranking breaks, not before, and tells the figures on both sides of the alarm', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const watch = new DriftWatch(options);
      const [first, ...more] = feed(watch, 16_000, 10_000, seed);
      expect(first).toBeGreaterThanOrEqual(10_000);
      expect(first).toBeLessThan(11_500);
      const [event] = watch.summary().events;
      expect(event).toMatchObject({ detector: 'adwin', row: first, before: { rows: 1000 }, after: { rows: 1000 } });
      expect(event!.before.auc!).toBeGreaterThan(event!.after!.auc! - 0.05);
      expect(Math.abs(event!.after!.auc! - 0.5)).toBeLessThan(4 * event!.after!.aucSe!);
      expect(watch.summary().alarms).toBe(1 + more.length);
    }
  });

  it('does not take a learner that gets better for drift', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const watch = new DriftWatch(options);
      const random = new SeededRandom(seed);
      for (let i = 0; i < 12_000; i++) {
        const label = random.next() < 0.1 ? 1 : 0;
        const skill = i < 6000 ? 0 : 1.5;
        expect(watch.update(judgedRow(skill * label + random.normal(), label), i)).toBe(false);
      }
    }
  });

  it.each([
    ['kswin', 'ranking'],
    ['ddm', 'errors'],
    ['pageHinkley', 'ranking'],
  ] satisfies (readonly [DetectorName, SignalName])[])('runs %s on %s', (detector, signal) => {
    const watch = new DriftWatch({ ...options, detector, signal });
    const alarms = feed(watch, 24_000, 12_000, 3);
    // Page and Hinkley's level is of another scale and must be tuned: it may only be silent
    if (detector !== 'pageHinkley') expect(alarms.some((row) => row >= 12_000 && row < 18_000)).toBe(true);
    expect(alarms.filter((row) => row < 12_000)).toEqual([]);
  });

  it('says nothing when it is off', () => {
    const watch = new DriftWatch({ ...options, detector: 'off' });
    expect(feed(watch, 15_000, 5000, 1)).toEqual([]);
    expect(watch.summary()).toEqual({ alarms: 0, lastAlarmRow: null, lastAlarmMs: null, detector: 'off', events: [] });
  });

  it('goes on to the bit from a snapshot between an alarm and its effect', () => {
    const going = new DriftWatch(options);
    const cut = feed(going, 12_000, 10_000, 2)[0]! + 300;
    const [whole, first, restored] = [new DriftWatch(options), new DriftWatch(options), new DriftWatch(options)];
    feed(whole, 14_000, 10_000, 2);
    feed(first, cut, 10_000, 2);
    feed(restored, 500, 100, 9);
    restored.restore(first.snapshot());
    feed(restored, 14_000, 10_000, 2, cut);
    expect(restored.summary()).toEqual(whole.summary());
    expect(restored.snapshot()).toEqual(whole.snapshot());
    expect(whole.summary().events[0]!.after).not.toBeNull();
  });
});
