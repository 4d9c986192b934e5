import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DuplicateFilter } from '../../../src/ordering/index.js';

it('drops what came within the window and forgets what is older than three', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 })), { maxLength: 60 }),
      (steps) => {
        const windowMs = 50;
        const filter = new DuplicateFilter(windowMs);
        const seenMs = new Map<string, number>();
        let nowMs = 0;
        for (const [stepMs, id] of steps) {
          nowMs += stepMs;
          const last = seenMs.get(`${id}`);
          const isNew = filter.isNew(`${id}`, nowMs);
          if (last === undefined || nowMs - last >= 3 * windowMs) expect(isNew).toBe(true);
          else if (nowMs - last < windowMs) expect(isNew).toBe(false);
          if (isNew) seenMs.set(`${id}`, nowMs);
        }
      },
    ),
  );
});
