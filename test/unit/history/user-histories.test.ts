import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotPool } from '../../../src/core/index.js';
import { UserHistories } from '../../../src/history/index.js';
import { item } from '../sample.js';

const OPTIONS = { length: 3, maxAgeMs: null, maxUsers: 1000, coldImpressions: 2 };

describe('UserHistories', () => {
  it('shows the last clicks of strictly smaller event time, oldest first', () => {
    const steps = fc.array(
      fc.record({
        stepMs: fc.integer({ min: 0, max: 2 }),
        user: fc.integer({ min: 0, max: 2 }),
        domain: fc.integer({ min: 0, max: 1 }),
        click: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.option(fc.integer({ min: 1, max: 6 })), (rows, maxAgeMs) => {
        const histories = new UserHistories({ ...OPTIONS, maxAgeMs });
        const clicks: { user: string; domain: number; timeMs: number; serial: number }[] = [];
        let nowMs = 0;
        for (const row of rows) {
          nowMs += row.stepMs;
          histories.advance(nowMs);
          const user = `u${row.user}`;
          for (const domain of [0, 1]) {
            const expected = clicks
              .filter((c) => c.user === user && c.domain === domain && c.timeMs < nowMs)
              .slice(-OPTIONS.length)
              .filter((c) => maxAgeMs === null || c.timeMs >= nowMs - maxAgeMs)
              .map((c) => c.serial);
            expect(
              (domain === 1 ? histories.read(user).target : histories.read(user).source).map((i) => i.serial),
            ).toEqual(expected);
          }
          if (row.click) {
            const clicked = item(row.domain, 1);
            histories.addClick(user, clicked, nowMs);
            clicks.push({ user, domain: row.domain, timeMs: nowMs, serial: clicked.serial });
          }
        }
      }),
    );
  });

  it('counts target impressions of strictly smaller time for the cold slice', () => {
    const histories = new UserHistories(OPTIONS);
    histories.advance(1);
    histories.addImpression('u', 1);
    histories.addImpression('u', 1);
    histories.addImpression('u', 0);
    expect(histories.read('u').isCold).toBe(true);
    histories.advance(2);
    expect(histories.read('u').isCold).toBe(false);
  });

  it('holds no more users than configured and counts the rest', () => {
    const histories = new UserHistories({ ...OPTIONS, maxUsers: 10 });
    for (let u = 0; u < 100; u++) {
      histories.advance(u);
      histories.addClick(`u${u}`, item(1, u), u);
    }
    histories.advance(1000);
    expect(histories.users).toBeLessThanOrEqual(10);
    expect(histories.users + histories.evictedUsers).toBe(100);
  });

  it('goes on the same after a restore, shared items shared again', () => {
    const a = new UserHistories(OPTIONS);
    const shared = item(0, 5);
    a.advance(1);
    a.addClick('u', shared, 1);
    a.advance(2);
    a.addClick('v', shared, 2);
    const pool = new SnapshotPool();
    const state = a.snapshot(pool);
    const b = new UserHistories(OPTIONS);
    b.restore(state, SnapshotPool.decode(pool.encode()));
    b.advance(3);
    expect(b.read('u').source[0]).toBe(b.read('v').source[0]);
    expect(b.read('u').source[0]).toMatchObject({ serial: shared.serial });
  });
});
