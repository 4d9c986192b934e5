import { concatMap, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Credits, creditBounded } from '../../src/sources/credits.js';

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

describe('creditBounded', () => {
  it('never reads further ahead of a slow consumer than its credit', async () => {
    const credits = new Credits(3);
    let read = 0;
    let done = 0;
    let furthest = 0;
    const source = creditBounded(async () => {
      if (read === 40) return null;
      read++;
      furthest = Math.max(furthest, read - done);
      return read;
    }, credits);
    const seen = await lastValueFrom(
      source.pipe(
        concatMap(async (n) => {
          await tick();
          done++;
          credits.give();
          return n;
        }),
        toArray(),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(furthest).toBe(3);
  });

  it('passes an error of the reader on, and stops reading when nobody listens', async () => {
    const failing = creditBounded<number>(() => Promise.reject(new Error('broken disk')), new Credits(1));
    await expect(lastValueFrom(failing)).rejects.toThrow('broken disk');

    let read = 0;
    const credits = new Credits(2);
    const subscription = creditBounded(async () => ++read, credits).subscribe();
    await tick();
    subscription.unsubscribe();
    credits.give();
    credits.give();
    await tick();
    expect(read).toBe(2);
  });
});

describe('Credits', () => {
  it('drains when everything came home, and refuses a credit that was never taken', async () => {
    const credits = new Credits(2);
    await credits.take();
    let drained = false;
    const waiting = credits.drained().then(() => {
      drained = true;
    });
    await tick();
    expect(drained).toBe(false);
    credits.give();
    await waiting;
    expect(() => credits.give()).toThrow(RangeError);
  });
});
