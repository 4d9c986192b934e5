import { expect, it } from 'vitest';
import { ReadingSchedule } from '../../../src/telemetry/reading-schedule.js';

/** Readings in ten seconds of turns every 10 ms, where each costs `costMs`. */
function readings(costMs: number, isIdle = false): number {
  const schedule = new ReadingSchedule();
  let taken = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
    if (!schedule.isDue(nowMs, isIdle)) continue;
    schedule.taken(nowMs, nowMs + costMs);
    taken++;
  }
  return taken;
}

it('four a second while turns come, one a second while none does', () => {
  expect(readings(0)).toBe(40);
  expect(readings(0, true)).toBe(10);
});

it('slow readings come less often, down to one in two seconds', () => {
  expect(readings(10)).toBe(10); // a hundredth of the time
  expect(readings(500)).toBe(5);
});
